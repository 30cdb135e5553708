//! `--help` in Chinese: headings, what the commands do and what the options mean. What stands below the examples, and what
//! clap says by itself (defaults, possible values, usage errors), stays English.

use clap::Command;

use super::Lang;

/// The command line with its help in a language.
pub(crate) fn translated(mut command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    // `help` and `--help` are not there before.
    command.build();
    chinese(command)
}

fn chinese(command: Command) -> Command {
    let about = command.get_about().and_then(|text| zh(&text.to_string()));
    let examples = command
        .get_after_help()
        .map(|text| text.to_string().replace("Examples:", "示例:").replace("Example:", "示例:"));
    let headed = command
        .help_template("{about-with-newline}\n用法: {usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .mut_args(|argument| {
            let heading = match argument.get_help_heading() {
                Some("Global options") => "全局选项",
                _ if argument.is_positional() => "参数",
                _ => "选项",
            };
            let help = argument.get_help().and_then(|text| zh(&text.to_string()));
            let argument = argument.help_heading(heading);
            match help {
                Some(help) => argument.help(help).long_help(None::<&str>),
                None => argument,
            }
        })
        .mut_subcommands(chinese);
    let told = match about {
        Some(about) => headed.about(about).long_about(None::<&str>),
        None => headed,
    };
    match examples {
        Some(examples) => told.after_help(examples),
        None => told,
    }
}

/// The Chinese of a help text, which clap gives without its full stop.
fn zh(text: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(en, _)| en.trim_end_matches('.') == text.trim_end_matches('.')).map(|(_, zh)| *zh)
}

/// Commands, then arguments, each in the order of the command line.
const TEXTS: &[(&str, &str)] = &[
    ("Read, explain and emulate payment and e-cash cards", "读取、解释和模拟支付卡与电子现金卡"),
    ("List readers and what is in them", "列出读卡器及其中的卡片"),
    ("Say what is missing to read a card, and how to mend it", "检查读卡所需条件，并说明如何解决"),
    ("Read everything that a card tells", "读取卡片的全部信息"),
    ("Read the balances of a card with the fewest commands", "用最少的命令读取卡片余额"),
    ("Explain data of a card", "解释卡片数据"),
    ("Send raw APDUs and explain the answers", "发送原始 APDU 并解释应答"),
    ("List, make, inspect and serve emulated cards", "列出、制作、查看和提供模拟卡"),
    ("List the built-in profiles", "列出内置卡片模板"),
    ("Make a card file from a built-in profile", "用内置模板制作卡片文件"),
    ("Show what a card file holds", "显示卡片文件的内容"),
    (
        "Put an emulated card into a virtual reader, where every PC/SC program sees it",
        "将模拟卡放入虚拟读卡器，供所有 PC/SC 程序使用",
    ),
    ("Check this program against test vectors", "用测试向量检验本程序"),
    ("Run every case of the given files and folders", "运行所给文件和文件夹中的全部用例"),
    ("Print completions for a shell", "输出命令行补全脚本"),
    ("Write manual pages", "生成手册页"),
    ("Print this message or the help of the given subcommand(s)", "显示本帮助或子命令的帮助"),
    ("Print help (see more with '--help')", "显示帮助（`--help` 更详细）"),
    ("Print version", "显示版本"),
    (
        "Keys, accounts and cards of an issuer, and its answers to online transactions",
        "发卡机构的密钥、账户和卡片，及其对联机交易的应答",
    ),
    ("Make a key file and a database with new master keys", "生成密钥文件和含新主密钥的数据库"),
    ("Add and show accounts", "添加和显示账户"),
    ("Issue, block and unblock cards", "发行、锁定和解锁卡片"),
    ("Answer one recorded online request", "应答一个已记录的联机请求"),
    ("Show keys by their check values, accounts and cards", "显示密钥校验值、账户和卡片"),
    ("Add an account", "添加账户"),
    ("Show an account with its movements", "显示账户及其收支"),
    ("Make an emulated card for an account", "为账户制作模拟卡"),
    (
        "Decline a card from now on, and block its application with the next answer",
        "从此拒绝该卡，并在下次应答时锁定其应用",
    ),
    (
        "Serve a card again, and unblock its application with its next online transaction",
        "恢复该卡，并在下次联机交易时解锁其应用",
    ),
    ("Give the PIN tries back with the card's next online transaction", "在下次联机交易时恢复 PIN 重试次数"),
    // Global options.
    (
        "Which card: `pcsc:NAME`, `virtual:PROFILE`, `virtual:FILE`, `replay:FILE#NAME`, `pn532:PORT`",
        "使用哪张卡：`pcsc:NAME`、`virtual:PROFILE`、`virtual:FILE`、`replay:FILE#NAME`、`pn532:PORT`",
    ),
    ("Print one JSON document instead of text", "输出一个 JSON 文档而不是文本"),
    ("When to use colours", "何时使用颜色"),
    ("Say less on stderr", "减少标准错误输出"),
    ("Say more on stderr; twice: every APDU with its meaning", "增加标准错误输出；两次则显示每条 APDU 及其含义"),
    ("Print account numbers in full", "显示完整卡号"),
    (
        "Which language to speak; without it, that of `LC_ALL`, `LC_MESSAGES` or `LANG`. JSON is always English",
        "使用的语言；缺省取自 `LC_ALL`、`LC_MESSAGES` 或 `LANG`。JSON 始终为英文",
    ),
    // `read` and `balance`.
    (
        "Also start a transaction and read every record; the card's transaction counter goes up by one",
        "同时启动一笔交易并读取全部记录；卡片的交易计数器加一",
    ),
    ("Only the application with this AID, in hexadecimal", "只读取此 AID（十六进制）的应用"),
    (
        "Keep the dialogue in FILE, without account numbers, track data and names",
        "将交互过程保存到 FILE，不含卡号、磁道数据和姓名",
    ),
    (
        "Keep the dialogue as it is: the recording holds the card's data in full",
        "原样保存交互过程：记录中含有完整的卡片数据",
    ),
    ("Also list every data object", "同时列出全部数据对象"),
    ("Also limits and reset thresholds", "同时显示限额和重置阈值"),
    // `decode`.
    (
        "What the data are, and the data in hexadecimal; `-` reads them from stdin",
        "数据类型和十六进制数据；`-` 从标准输入读取",
    ),
    (
        "Whose card it is, where that changes what data mean; without it an AID in the data tells",
        "卡片所属的卡组织（影响数据含义时）；缺省由数据中的 AID 判断",
    ),
    (
        "Which command a status word answers: a C-APDU, its instruction byte or its name",
        "状态字所应答的命令：C-APDU、指令字节或命令名",
    ),
    // `apdu`.
    (
        "C-APDUs, one in each argument; `-` reads lines from stdin and answers each as it comes",
        "C-APDU，每个参数一条；`-` 从标准输入逐行读取并逐行应答",
    ),
    ("Run a script. It is read to its end before anything is sent", "运行脚本。全部读完后才开始发送"),
    ("Go on after an answer that is not as expected", "应答与预期不符时继续"),
    (
        "Send every C-APDU as it is: follow neither 61xx nor 6Cxx, check nothing",
        "原样发送每条 C-APDU：不处理 61xx 和 6Cxx，也不检查",
    ),
    ("In the shell: read and write no history file", "交互式命令行：不读写历史文件"),
    // `card`.
    ("The built-in profile, see `tapcard card profiles`", "内置模板，见 `tapcard card profiles`"),
    ("The file to make", "要生成的文件"),
    ("Replace the file and forget the state of the card that it was", "替换文件并丢弃原卡片的状态"),
    ("A card file, or a built-in profile", "卡片文件或内置模板"),
    ("A card file, whose state is kept, or a built-in profile", "卡片文件（保留其状态）或内置模板"),
    ("Where the virtual reader listens", "虚拟读卡器的监听地址"),
    ("How long the virtual reader may take to start", "等待虚拟读卡器启动的时间"),
    ("A PN532 that shows the card over RF", "通过射频提供卡片的 PN532"),
    // `issuer`.
    ("The database", "数据库"),
    ("The key file; only its owner may read it", "密钥文件；仅其所有者可读"),
    (
        "The passphrase of the key file is the first line of FILE; without it, it is asked for",
        "密钥文件的口令取自 FILE 的第一行；缺省时询问",
    ),
    ("Keep the key as it is, without a passphrase; only the file's mode protects it", "不设口令，密钥仅由文件权限保护"),
    ("Use the public test keys of the built-in profiles instead of new ones", "使用内置模板的公开测试密钥"),
    (
        "Owner of the applications, five octets in hexadecimal; may be given again. Without it UnionPay and Visa",
        "应用所有者（五字节十六进制），可多次给出；缺省为银联和 Visa",
    ),
    ("Its currency, by letters or number", "货币代码（字母或数字）"),
    ("The first deposit in major units", "首笔存款（主单位）"),
    ("The number of the account", "账户编号"),
    ("A built-in profile, or a card file as a pattern", "内置模板，或作为样本的卡片文件"),
    ("The number of the account whose money it spends", "卡片所属账户的编号"),
    (
        "The card's PIN is the first line of FILE; without it, the card has the PIN of the profile",
        "卡片 PIN 取自 FILE 的第一行；缺省使用模板的 PIN",
    ),
    ("The card file to make; it holds the keys of the card", "要生成的卡片文件；其中含有卡片密钥"),
    ("The number of the card", "卡片编号"),
    (
        "The request: JSON with `field55` and, if there is one, `amount`; or field 55 in hexadecimal; `-` reads stdin",
        "请求：含 `field55` 及可选 `amount` 的 JSON，或十六进制的 55 域；`-` 从标准输入读取",
    ),
    // `vectors`, `completions`, `man`.
    ("Vector files, or folders of them", "测试向量文件或其文件夹"),
    ("Only cases of this kind", "只运行此类用例"),
    ("Do not fail because of cases that this version cannot run", "有此版本无法运行的用例时不算失败"),
    ("The shell", "命令行解释器"),
    ("The folder to write to; it is made if it is not there", "写入的文件夹；不存在时自动创建"),
];

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::is_chinese;
    use super::*;
    use crate::args::Cli;

    fn english(command: &Command, found: &mut Vec<String>) {
        found.extend(command.get_about().map(ToString::to_string));
        let helps = command.get_arguments().filter_map(|argument| argument.get_help());
        found.extend(helps.map(ToString::to_string));
        command.get_subcommands().for_each(|below| english(below, found));
    }

    #[test]
    fn every_text_of_the_help_is_translated() {
        let mut command = Cli::command();
        command.build();
        let mut texts = Vec::new();
        english(&command, &mut texts);
        let missing: std::collections::BTreeSet<_> = texts.iter().filter(|text| zh(text).is_none()).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_translation_is_chinese_and_used() {
        let mut command = Cli::command();
        command.build();
        let mut texts = Vec::new();
        english(&command, &mut texts);
        for (en, zh) in TEXTS {
            assert!(is_chinese(zh), "{en}");
            let used = texts.iter().any(|text| text.trim_end_matches('.') == en.trim_end_matches('.'));
            assert!(used, "nothing says `{en}` any more");
        }
    }

    #[test]
    fn english_help_stays_as_clap_makes_it() {
        let help = |command: Command| command.clone().render_long_help().to_string();
        assert_eq!(help(translated(Cli::command(), Lang::En)), help(Cli::command()));
    }
}
