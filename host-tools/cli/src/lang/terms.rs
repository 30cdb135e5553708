//! Chinese for texts that other crates give in English. What is not here is shown in English.

use tapcard_decode::registry;

/// The Chinese of a whole text.
pub(super) fn whole(text: &str) -> Option<String> {
    let whole = TABLES.iter().flat_map(|table| table.iter()).find(|(en, _)| *en == text);
    whole.map(|(_, zh)| (*zh).to_owned())
}

/// A region or a currency as the registers write them: `China (CN)`, `CNY (Renminbi (Chinese) yuan), 2 decimals`.
pub(super) fn named(text: &str) -> Option<String> {
    if let Some((_, letters)) = text.strip_suffix(')').and_then(|text| text.rsplit_once('('))
        && registry::country_of_letters(letters).as_deref() == Some(text)
    {
        return name(letters).map(|zh| format!("{zh} ({letters})"));
    }
    let (letters, rest) = text.split_once(" (")?;
    let (_, decimals) = rest.rsplit_once("), ")?;
    let zh = name(letters).filter(|_| letters.len() == 3)?;
    let decimals = super::decoded::zh(decimals).unwrap_or_else(|| decimals.to_owned());
    Some(format!("{letters}（{zh}），{decimals}"))
}

const TABLES: [&[(&str, &str)]; 5] = [&AIP, &STATUS, &WARNINGS, &CONTEXTS, &WORDS];

/// Bits of the application interchange profile.
const AIP: [(&str, &str); 7] = [
    ("cardholder verification", "支持持卡人验证"),
    ("terminal risk management is to be performed", "要求终端风险管理"),
    ("issuer authentication with EXTERNAL AUTHENTICATE", "支持发卡行认证（EXTERNAL AUTHENTICATE）"),
    ("on-device cardholder verification (kernel 2)", "支持设备端持卡人验证（内核 2）"),
    ("EMV mode (kernel 2) or magnetic stripe data (kernel 3)", "EMV 模式（内核 2）或磁条数据（内核 3）"),
    ("relay resistance protocol (kernel 2)", "防中继协议（内核 2）"),
    ("cancelled", "已取消"),
];

/// Status words.
const STATUS: [(&str, &str); 70] = [
    ("done", "成功"),
    ("done, 256 or more octets wait for GET RESPONSE", "成功，另有至少 256 字节待 GET RESPONSE 取回"),
    ("done, SW2 octets wait for GET RESPONSE", "成功，另有 SW2 所示字节数待 GET RESPONSE 取回"),
    ("warning, memory unchanged", "警告，存储未改变"),
    ("warning, the card wants to send a query of its own", "警告，卡片要求主动发送查询"),
    ("part of the data may be corrupted", "部分数据可能已损坏"),
    ("the file or record ended before Le octets were read", "读满 Le 字节前文件或记录已结束"),
    ("the selected file is invalidated (EMV: the application is blocked)", "所选文件无效（EMV：应用已锁定）"),
    ("the FCI is not coded as the standard wants it", "FCI 编码不符合标准"),
    ("the selected file is terminated", "所选文件已终止"),
    ("a sensor of the card gives no data", "卡上传感器未给出数据"),
    ("at least one of the referenced records is deactivated", "所引用的记录中至少一条已停用"),
    ("warning, memory unchanged, reason not known", "警告，存储未改变，原因不明"),
    ("warning, memory changed (EXTERNAL AUTHENTICATE: failed)", "警告，存储已改变（EXTERNAL AUTHENTICATE：认证失败）"),
    ("the last write filled the file", "上次写入已写满文件"),
    ("wrong PIN, no tries are left", "PIN 错误，已无重试次数"),
    ("wrong PIN, 1 try is left", "PIN 错误，剩余 1 次"),
    ("wrong PIN, the last digit of SW2 says how many tries are left", "PIN 错误，SW2 末位为剩余次数"),
    ("warning, memory changed, reason not known", "警告，存储已改变，原因不明"),
    ("execution failed, memory unchanged", "执行失败，存储未改变"),
    ("the card needs an answer at once", "卡片要求立即应答"),
    ("execution stopped, the card wants to send a query of its own", "执行中止，卡片要求主动发送查询"),
    ("execution failed, memory unchanged, reason not known", "执行失败，存储未改变，原因不明"),
    ("execution failed, memory changed", "执行失败，存储已改变"),
    ("memory failure", "存储器故障"),
    ("execution failed, memory changed, reason not known", "执行失败，存储已改变，原因不明"),
    ("execution failed, a matter of security", "执行失败，涉及安全"),
    ("wrong length", "长度错误"),
    ("wrong length, reason not known", "长度错误，原因不明"),
    ("a function of Cla is not supported", "不支持 Cla 所示功能"),
    ("the logical channel is not supported", "不支持逻辑通道"),
    ("secure messaging is not supported", "不支持安全报文"),
    ("the last command of the chain was expected", "应为命令链的最后一条"),
    ("command chaining is not supported", "不支持命令链"),
    ("a function of Cla is not supported, reason not known", "不支持 Cla 所示功能，原因不明"),
    ("command not allowed", "命令不允许"),
    ("command not accepted in this state (PBOC)", "当前状态不接受此命令（PBOC）"),
    ("the command does not suit the structure of the file", "命令与文件结构不符"),
    ("security status not satisfied", "不满足安全状态"),
    ("authentication method blocked (VERIFY: no PIN tries are left)", "认证方法已锁定（VERIFY：PIN 已无重试次数）"),
    (
        "reference data not usable (EMV: PIN blocked or GET CHALLENGE missing)",
        "引用数据不可用（EMV：PIN 已锁定，或缺少 GET CHALLENGE）",
    ),
    ("conditions of use not satisfied", "不满足使用条件"),
    ("no current elementary file", "没有当前基本文件"),
    ("secure messaging data objects are missing", "缺少安全报文数据对象"),
    ("secure messaging data objects are wrong", "安全报文数据对象错误"),
    ("command not allowed, reason not known", "命令不允许，原因不明"),
    ("wrong P1-P2", "P1-P2 错误"),
    ("wrong data field", "数据域错误"),
    ("function not supported (EMV: the card is blocked)", "不支持此功能（EMV：卡片已锁定）"),
    ("file or application not found", "未找到文件或应用"),
    ("record not found", "未找到记录"),
    ("not enough memory in the file", "文件空间不足"),
    ("Lc does not suit the structure of the data", "Lc 与数据结构不符"),
    ("Lc does not suit P1-P2", "Lc 与 P1-P2 不符"),
    ("referenced data not found", "未找到所引用的数据"),
    ("the file exists already", "文件已存在"),
    ("the name of the application exists already", "应用名称已存在"),
    ("wrong P1-P2, reason not known", "P1-P2 错误，原因不明"),
    ("wrong parameters, for READ BINARY an offset outside the file", "参数错误（READ BINARY：偏移超出文件）"),
    ("wrong Le, 256 octets are available", "Le 错误，有 256 字节可用"),
    ("wrong Le, SW2 octets are available", "Le 错误，可用字节数见 SW2"),
    ("Ins not supported or not valid", "Ins 不支持或无效"),
    ("Cla not supported", "Cla 不支持"),
    ("no precise diagnosis", "无法准确判断"),
    ("wrong MAC (PBOC purse)", "MAC 错误（PBOC 电子钱包）"),
    ("the application is locked for good (PBOC purse)", "应用永久锁定（PBOC 电子钱包）"),
    ("not enough money (PBOC purse)", "金额不足（PBOC 电子钱包）"),
    ("the transaction counter has reached its end (PBOC purse)", "交易计数器已达上限（PBOC 电子钱包）"),
    ("the MAC asked for is not available (PBOC purse)", "没有所请求的 MAC（PBOC 电子钱包）"),
    ("key index not supported (PBOC purse)", "不支持该密钥索引（PBOC 电子钱包）"),
];

/// Warnings of a reading, by their code: the English text may hold numbers.
const WARNINGS: [(&str, &str); 28] = [
    ("tlv_malformed", "BER-TLV 格式错误"),
    ("fci_missing", "没有 FCI 模板 6F"),
    ("other_df_name", "DF 名称 84 与所选名称不同"),
    ("selected_with_warning", "选择应用时返回警告状态"),
    ("directory_file_missing", "标签 88 未给出目录文件 1 至 10"),
    ("directory_repeats", "目录记录重复"),
    ("directory_stopped", "读取目录中止"),
    ("directory_entry_without_aid", "目录项没有有效的 4F"),
    ("select_next_repeats", "SELECT next 重复返回同一名称"),
    ("too_many_applications", "应用数量超出读取上限"),
    ("pdol_malformed", "PDOL 格式错误或要求过多"),
    ("pdol_data_refused", "PDOL 数据被拒，已不带数据重试"),
    ("options_malformed", "GET PROCESSING OPTIONS 应答格式错误"),
    ("afl_malformed", "AFL 违反规则"),
    ("record_missing", "AFL 所列记录不存在"),
    ("too_many_records", "记录数量超出读取上限"),
    ("record_malformed", "记录不是单个模板 70"),
    ("other_object", "返回的对象不是所请求的对象"),
    ("log_entry_malformed", "日志入口未给出日志文件"),
    ("log_format_missing", "日志没有格式定义"),
    ("log_record_malformed", "日志记录格式错误"),
    ("trip_malformed", "行程记录格式错误"),
    ("balance_malformed", "余额格式错误"),
    ("purse_data_malformed", "电子钱包数据格式错误"),
    ("answer_broken", "应答无法拼接完整"),
    ("card_blocked", "卡片拒绝所有 SELECT：卡片已锁定"),
    ("too_many_commands", "卡片要求的命令数超出读取上限"),
    ("value_malformed", "数据值格式错误"),
];

/// What was being done when something failed.
const CONTEXTS: [(&str, &str); 9] = [
    ("cannot read the card", "无法读取卡片"),
    ("cannot read the balance", "无法读取余额"),
    ("cannot talk to the card", "无法与卡片通信"),
    ("cannot check the vectors", "无法检查测试向量"),
    ("no virtual reader", "没有虚拟读卡器"),
    ("cannot wait for Ctrl-C", "无法捕获 Ctrl-C"),
    ("cannot write", "无法写入"),
    ("cannot write the manual pages", "无法写入手册页"),
    ("the system gives no random numbers", "系统未能提供随机数"),
];

/// Words that `doctor` has in its JSON.
const WORDS: [(&str, &str); 4] = [("reader", "读卡器"), ("card", "卡片"), ("kernel", "内核"), ("serial port", "串口")];

/// Currencies and regions that people of a Chinese card meet, by their letters (ISO 4217, ISO 3166-1).
const NAMES: [(&str, &str); 30] = [
    ("CNY", "人民币"),
    ("HKD", "港币"),
    ("MOP", "澳门元"),
    ("TWD", "新台币"),
    ("USD", "美元"),
    ("EUR", "欧元"),
    ("GBP", "英镑"),
    ("JPY", "日元"),
    ("KRW", "韩元"),
    ("SGD", "新加坡元"),
    ("THB", "泰铢"),
    ("AUD", "澳大利亚元"),
    ("CAD", "加拿大元"),
    ("CHF", "瑞士法郎"),
    ("RUB", "俄罗斯卢布"),
    ("CN", "中国"),
    ("HK", "中国香港"),
    ("MO", "中国澳门"),
    ("TW", "中国台湾"),
    ("US", "美国"),
    ("GB", "英国"),
    ("JP", "日本"),
    ("KR", "韩国"),
    ("SG", "新加坡"),
    ("TH", "泰国"),
    ("AU", "澳大利亚"),
    ("CA", "加拿大"),
    ("CH", "瑞士"),
    ("DE", "德国"),
    ("FR", "法国"),
];

/// The Chinese name of a currency or a region.
pub(crate) fn name(letters: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == letters).map(|(_, zh)| *zh)
}

#[cfg(test)]
mod tests {
    use tapcard_emv::objects;
    use tapcard_iso7816::{Ins, StatusWord};

    use super::super::decoded::zh;
    use super::super::is_chinese;
    use super::*;

    /// A standard's term in capitals, such as `SDA`.
    fn is_term(text: &str) -> bool {
        text.chars().all(|character| !character.is_ascii_lowercase())
    }

    #[test]
    fn every_status_word_is_translated() {
        for sw in 0..=u16::MAX {
            let text = StatusWord::new(sw).text();
            assert!(zh(text).is_some(), "{sw:04X} {text}");
            for ins in Ins::NAMED {
                let special = StatusWord::new(sw).text_for(*ins);
                assert!(special.is_none_or(|text| zh(text).is_some()), "{sw:04X} {ins:?} {special:?}");
            }
        }
    }

    #[test]
    fn every_bit_of_every_bit_field_is_translated() {
        let mut missing = std::collections::BTreeSet::new();
        for object in objects() {
            let value = vec![0; usize::from(object.max_len).min(32)];
            tapcard_emv::bits::explain(object.tag, &value, &mut |bit| {
                missing.extend(Some(bit.meaning).filter(|meaning| !is_term(meaning) && zh(meaning).is_none()));
            });
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_purse_and_profile_is_translated() {
        for kind in tapcard_emv::purse::purses().iter().map(|purse| purse.kind) {
            assert!(is_term(kind.name()) || zh(kind.name()).is_some() || kind.name() == "GeldKarte", "{}", kind.name());
        }
        for profile in tapcard_profiles::builtin() {
            assert!(zh(profile.about).is_some(), "{}", profile.about);
        }
    }

    #[test]
    fn every_entry_is_chinese_and_stands_once() {
        let entries = || TABLES.iter().flat_map(|table| table.iter()).chain(&NAMES);
        for (en, zh) in entries() {
            assert!(is_chinese(zh), "{en}");
            assert_eq!(entries().filter(|(other, _)| other == en).count(), 1, "{en}");
        }
    }

    #[test]
    fn every_context_of_an_error_is_translated() {
        let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = 0;
        for text in rust_files(&sources) {
            for (index, _) in text.match_indices(concat!(".", "context(\"")) {
                let context = text[index..].split('"').nth(1).unwrap();
                assert!(zh(context).is_some(), "`{context}`");
                found += 1;
            }
        }
        assert!(found > 4, "{found}");
    }

    fn rust_files(folder: &std::path::Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let texts = entries.flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![std::fs::read_to_string(&path).unwrap()],
        });
        texts.collect()
    }
}
