//! What this program says, in both languages. `{name}` is a place that [`Lang::say`](super::Lang::say) fills.

use super::Lang;

macro_rules! messages {
    ($($key:ident: $en:literal, $zh:literal;)*) => {
        /// A message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Msg {
            $(#[doc = $en] $key,)*
        }

        impl Msg {
            /// Every message.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$key,)*];

            /// The text with its places.
            pub(crate) const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$key, Lang::En) => $en, (Self::$key, Lang::Zh) => $zh,)*
                }
            }
        }
    };
}

messages! {
    // The card sheet.
    Reader: "Reader", "读卡器";
    InterfaceContact: "contact", "接触式";
    InterfaceContactless: "contactless", "非接触式";
    Application: "Application", "应用";
    Scheme: "Scheme", "卡组织";
    Label: "Label", "应用标签";
    Priority: "Priority", "优先级";
    PanWithSequence: "{pan}, sequence {psn}", "{pan}，序列号 {psn}";
    Track2: "Track 2", "二磁道";
    Track2Differs: "has another PAN", "卡号与 PAN 不同";
    Valid: "Valid", "有效期";
    ValidFromTo: "{from} to {to}", "{from} 至 {to}";
    ValidTo: "until {to}", "至 {to}";
    ValidFrom: "from {from}", "自 {from} 起";
    Cardholder: "Cardholder", "持卡人";
    ServiceCode: "Service code", "服务码";
    Country: "Country", "国家或地区";
    Currency: "Currency", "货币";
    AtcWithOnline: "{atc}, last online {online}", "{atc}，上次联机 {online}";
    PinTries: "PIN tries", "PIN 重试";
    PinTriesLeft: "{tries} left", "剩余 {tries} 次";
    State: "State", "状态";
    StateActive: "active", "正常";
    StateBlocked: "blocked", "已锁定";
    StateUnknown: "unknown", "未知";
    AflRecords: "SFI {sfi}: records {first} to {last}", "SFI {sfi}：记录 {first} 至 {last}";
    AflRecord: "SFI {sfi}: record {first}", "SFI {sfi}：记录 {first}";
    ElectronicCash: "Electronic cash", "电子现金";
    Balance: "Balance", "余额";
    BalanceLimit: "Balance limit", "余额上限";
    SingleLimit: "Single limit", "单笔限额";
    ResetThreshold: "Reset threshold", "重置阈值";
    Transactions: "Transactions, newest first", "交易记录（最新在前）";
    Loads: "Loads, newest first", "圈存记录（最新在前）";
    Date: "Date", "日期";
    Time: "Time", "时间";
    Amount: "Amount", "金额";
    Type: "Type", "类型";
    Merchant: "Merchant", "商户";
    Before: "Before", "圈存前";
    After: "After", "圈存后";
    Object: "Object", "对象";
    Place: "Place", "地点";
    PurseLog: "Purse log, newest first", "钱包交易记录（最新在前）";
    Trips: "Trips, newest first", "行程记录（最新在前）";
    Atc: "ATC", "交易序号";
    Purse: "Purse", "电子钱包";
    Serial: "Serial", "序列号";
    City: "City", "城市";
    Issuer: "Issuer", "发卡机构";
    TripsMade: "Trips made", "乘车次数";
    Number: "Number", "序号";
    Terminal: "Terminal", "终端";
    Vehicle: "Vehicle", "交通工具";
    LineStation: "Line and station", "线路和站点";
    Technical: "Application", "应用信息";
    DataObjects: "Data objects", "数据对象";
    Empty: "(empty)", "（空）";
    Shortened: "{start}... ({count} characters)", "{start}...（共 {count} 个字符）";
    OneApdu: "1 APDU", "1 条 APDU";
    Apdus: "{count} APDUs", "{count} 条 APDU";
    OneWarning: "1 warning", "1 条警告";
    Warnings: "{count} warnings", "{count} 条警告";
    TypePurchase: "purchase", "消费";
    TypeCash: "cash", "取现";
    TypeCashback: "cashback", "消费返现";
    TypeRefund: "refund", "退货";
    TypeDeposit: "deposit", "存款";
    TypeInquiry: "inquiry", "查询";
    TypeTransfer: "transfer", "转账";
    TypeLoad: "load", "圈存";
    TypeCashLoad: "cash load", "现金充值";

    // `readers` and `card`.
    Card: "Card", "卡片";
    CardAbsent: "none", "无";
    CardPresent: "present", "有";
    Profile: "Profile", "模板";
    WhatItIs: "What it is", "说明";
    Tag: "Tag", "标签";
    Name: "Name", "名称";
    Value: "Value", "值";
    OneRecord: "1 record", "1 条记录";
    Records: "{count} records", "{count} 条记录";
    UnknownProfile: "no built-in profile is called `{profile}`; `tapcard card profiles` lists them",
        "没有名为 `{profile}` 的内置模板；`tapcard card profiles` 列出全部";
    CardMade: "made `{file}` from `{profile}`; read it with `tapcard read -r virtual:{file}`",
        "已用 `{profile}` 生成 `{file}`；可用 `tapcard read -r virtual:{file}` 读取";
    ServeInserted: "`{card}` is in the virtual reader at {reader}; Ctrl-C pulls it out",
        "`{card}` 已放入虚拟读卡器 {reader}；按 Ctrl-C 取出";
    ServeRemoved: "the card is out of the reader; it answered {apdus} APDUs", "卡片已取出；共应答 {apdus} 条 APDU";

    // `vectors`.
    Passed: "passed", "通过";
    Failed: "failed", "失败";
    Unsupported: "unsupported", "不支持";
    Expected: "expected", "预期";
    Found: "found", "实际";
    VectorsSum: "{passed} passed, {failed} failed, {unsupported} unsupported", "{passed} 通过，{failed} 失败，{unsupported} 不支持";
    VectorsFailed: "{count} of {all} cases failed", "{all} 个用例中有 {count} 个失败";
    VectorsUnsupported: "{count} cases are not supported; `--allow-unsupported` accepts that",
        "{count} 个用例不受支持；`--allow-unsupported` 可接受";

    // What is typed.
    Plain: "{what}", "输入错误：{what}";
    Stdin: "stdin: {what}", "标准输入：{what}";
    NotHexAt: "`{found}` at character {position} is not hexadecimal", "第 {position} 个字符 `{found}` 不是十六进制";
    NotHex: "`{found}` is not hexadecimal", "`{found}` 不是十六进制";
    NoHex: "no hexadecimal digits; `-` reads them from stdin", "没有十六进制数字；`-` 从标准输入读取";
    OddHex: "{count} hexadecimal digits; an even number is needed", "十六进制数字有 {count} 个；应为偶数";
    LineTooLong: "a line of more than {most} bytes", "一行超过 {most} 字节";
    LineEndsEarly: "the line ends too early", "此行过早结束";
    NotExpectedHere: "`{found}` is not expected here", "此处不应有 `{found}`";
    NameLength: "{length} bytes; a name has 1 to {most}", "{length} 字节；名称为 1 至 {most} 字节";
    SfiRange: "an SFI is 1 to 30", "SFI 为 1 至 30";
    RecordRange: "a record is 1 to 255", "记录号为 1 至 255";
    DecimalNeeded: "a decimal number is needed", "需要十进制数";
    TagTooLong: "GET DATA asks for tags of 1 or 2 bytes", "GET DATA 只能取 1 或 2 字节的标签";
    BehindTag: "something follows the tag {tag}", "标签 {tag} 之后有多余内容";
    NotATag: "not a tag: {what}", "不是标签：{what}";
    CommandNeeded: "a command is needed before `->`", "`->` 之前需要命令";
    HasToFollow: "something has to follow `{word}`", "`{word}` 之后缺少内容";
    UnknownWord: "`{word}` is neither hexadecimal nor `select`, `read` or `get`", "`{word}` 既不是十六进制，也不是 `select`、`read` 或 `get`";
    SwDigits: "SW1-SW2 has 4 digits, such as `9000` or `61xx`", "SW1-SW2 为 4 位，如 `9000` 或 `61xx`";
    TerminalFailed: "the terminal: {what}", "终端：{what}";

    // `decode`.
    KindAlone: "`{word}` is a kind; write the data behind it, or `-` to read them from stdin", "`{word}` 是数据类型；请在其后写数据，或用 `-` 从标准输入读取";
    UnknownKind: "`{word}` is neither a kind that this version knows nor hexadecimal; see `--help`", "`{word}` 既不是此版本支持的数据类型，也不是十六进制；见 `--help`";
    OneDash: "one `-` reads both parts from stdin, a line each", "一个 `-` 即可从标准输入读取两部分，各占一行";
    TwoParts: "`dol-data` needs the list and the data: two arguments, or two lines on stdin", "`dol-data` 需要列表和数据：两个参数，或标准输入的两行";
    Guessed: "note: taken for `{kind}` ({sure}): {why}", "提示：按 `{kind}` 解释（{sure}）：{why}";
    GuessOthers: "; {others} would fit too", "；{others} 也可能";
    GuessHint: "; `tapcard decode {kind} ...` is sure", "；`tapcard decode {kind} ...` 可明确指定";
    NotWhole: "not a whole `{kind}`: {what}", "`{kind}` 不完整：{what}";
    NotWholeAt: "not a whole `{kind}`: {what} at byte {offset}", "`{kind}` 不完整：第 {offset} 字节处 {what}";

    // Notes of `read` and `balance`.
    NoteFull: "note: `--full` starts a transaction; the card's transaction counter (ATC) goes up by one",
        "提示：`--full` 会启动一笔交易，卡片的交易计数器（ATC）加一";
    NoteRecorded: "note: recorded {count} exchanges in `{file}`", "提示：已将 {count} 次交互记录到 `{file}`";
    NoteCard: "note: card in `{reader}`, {protocol}", "提示：卡片位于 `{reader}`，协议 {protocol}";

    // What is no success.
    Error: "error", "错误";
    NoApplication: "the card shows no application that can be read; is it a payment card",
        "卡片没有可读取的应用；这是支付卡吗";
    AllBlocked: "every application of the card refuses: the card is blocked", "卡片的所有应用均拒绝访问：卡片已锁定";
    NoBalance: "the card gives no balance ({apdus}); `tapcard read` shows what it has",
        "卡片未提供余额（{apdus}）；`tapcard read` 可显示卡内信息";
    NotReady: "something is missing to read a real card; an emulated one needs nothing",
        "尚不具备读取实体卡的条件；模拟卡无需任何准备";
    NoService: "no PC/SC service: `pcscd` is not running; `tapcard doctor` says how to start it, `--reader virtual:pboc-ec` is an emulated card",
        "没有 PC/SC 服务：`pcscd` 未运行；`tapcard doctor` 说明如何启动，`--reader virtual:pboc-ec` 是模拟卡";
    NotAllowed: "the PC/SC service refuses this user; `tapcard doctor` says how to mend it",
        "PC/SC 服务拒绝当前用户；`tapcard doctor` 说明如何解决";
    NoReader: "no reader is connected; plug one in, or try an emulated card with `--reader virtual:pboc-ec` (`tapcard card profiles` lists them)",
        "未连接读卡器；请接入读卡器，或用 `--reader virtual:pboc-ec` 试用模拟卡（`tapcard card profiles` 列出全部）";
    UnknownReader: "no reader is called `{wanted}`; there is {known}", "没有名为 `{wanted}` 的读卡器；现有 {known}";
    UnknownReaderNone: "no reader is called `{wanted}`; no reader is connected", "没有名为 `{wanted}` 的读卡器；未连接任何读卡器";
    NoCard: "no card in `{reader}`; put one in, or try an emulated card with `--reader virtual:pboc-ec`",
        "`{reader}` 中没有卡片；请放入卡片，或用 `--reader virtual:pboc-ec` 试用模拟卡";
    NoCardAnywhere: "no card in any reader; put one in, or try an emulated card with `--reader virtual:pboc-ec`",
        "所有读卡器中均没有卡片；请放入卡片，或用 `--reader virtual:pboc-ec` 试用模拟卡";
    SeveralReaders: "several readers to choose from: {readers}; name one with `--reader pcsc:NAME`",
        "有多个读卡器可选：{readers}；请用 `--reader pcsc:NAME` 指定";
    Busy: "another program holds the card in `{reader}` for itself; close it and try again",
        "`{reader}` 中的卡片被其他程序独占；请关闭该程序后重试";
    CardRemoved: "the card was removed before it was read to the end; leave it in the reader and try again",
        "读取完成前卡片被移走；请将卡片留在读卡器中重试";
    ReaderFailed: "the reader failed: {what}", "读卡器故障：{what}";
    AnswerTooLong: "the card's answer is longer than the {capacity} bytes that it may have",
        "卡片的应答超过允许的 {capacity} 字节";
    BadSpec: "`{spec}` is not a reader: write `pcsc:NAME`, `virtual:PROFILE`, `virtual:FILE`, `replay:FILE#NAME` or `pn532:PORT`",
        "`{spec}` 不是读卡器：可写 `pcsc:NAME`、`virtual:PROFILE`、`virtual:FILE`、`replay:FILE#NAME` 或 `pn532:PORT`";

    // `apdu`.
    ApduNothing: "nothing to send: write C-APDUs in hexadecimal, `-` to read them from stdin, or `--script FILE`; without any the shell needs a terminal",
        "没有要发送的内容：请写十六进制 C-APDU，用 `-` 从标准输入读取，或用 `--script FILE`；不带参数时需在终端中运行";
    ApduSecret: "argument {number} carries a PIN or a key, which the shell's history and the list of processes would show; give it with `-`, `--script` or in the interactive shell",
        "第 {number} 个参数含有 PIN 或密钥，会出现在命令历史和进程列表中；请改用 `-`、`--script` 或交互式命令行";
    ApduTooShort: "a C-APDU has at least 4 bytes, this one has {count}", "C-APDU 至少 4 字节，此处只有 {count} 字节";
    ApduQuotes: "{what}; one C-APDU is one argument, blanks in it need quotes", "{what}；一条 C-APDU 是一个参数，中间的空格需加引号";
    ApduMalformed: "not a C-APDU: {what}; `--raw-protocol` sends it all the same", "不是 C-APDU：{what}；`--raw-protocol` 仍可发送";
    ApduArgument: "argument {number}, character {column}: {what}", "第 {number} 个参数第 {column} 个字符：{what}";
    ApduAt: "{file}:{line}:{column}: {what}", "{file} 第 {line} 行第 {column} 列：{what}";
    ApduUnexpected: "{count} of {all} answers are not as expected", "{all} 个应答中有 {count} 个与预期不符";
    ApduRefused: "the card answered {sw} to command {number}: {text}", "卡片对第 {number} 条命令应答 {sw}：{text}";
    ApduBroken: "the answer to command {number} is broken: {what}", "第 {number} 条命令的应答有误：{what}";
    ApduExpected: "expected {expected}", "预期 {expected}";
    ApduData: "{sw} {text}, {bytes} bytes", "{sw} {text}，{bytes} 字节";
    StatusMoreData: "done, {number} octets wait for GET RESPONSE", "成功，另有 {number} 字节待 GET RESPONSE 取回";
    StatusWrongLe: "wrong Le, {number} octets are available", "Le 错误，有 {number} 字节可用";
    StatusTriesLeft: "wrong PIN, {number} tries are left", "PIN 错误，剩余 {number} 次";
    ApduWireCount: "{count} APDUs on the wire", "实际传输 {count} 条 APDU";
    ShellWelcome: "card in `{reader}`, {protocol}; `help` says what can be typed, `quit` ends", "卡片位于 `{reader}`，协议 {protocol}；输入 `help` 查看用法，`quit` 退出";
    ShellHelp: "\
select NAME     SELECT by name: an AID in hexadecimal, `ppse`, `pse`, or text
read SFI REC    READ RECORD: file 1 to 30, record 1 to 255
get TAG         GET DATA
00 A4 04 00 ..  any C-APDU, with blanks or colons or without
.. -> 9000      says whether the answer has this SW1-SW2; `x` is any digit, `|` is or
# ...           a comment
card            what is known of the card
help, quit      Ctrl-D ends too",
        "\
select NAME     按名称选择（SELECT）：十六进制 AID、`ppse`、`pse` 或文本
read SFI REC    读记录（READ RECORD）：文件 1 至 30，记录 1 至 255
get TAG         取数据（GET DATA）
00 A4 04 00 ..  任意 C-APDU，可带空格或冒号
.. -> 9000      检查应答的 SW1-SW2；`x` 表示任意数字，`|` 表示或
# ...           注释
card            显示卡片信息
help, quit      Ctrl-D 也可退出";
    ShellInterrupted: "Ctrl-D or `quit` ends", "按 Ctrl-D 或输入 `quit` 退出";
    NoHistory: "note: no history file: {what}", "提示：未使用历史文件：{what}";

    // `doctor`.
    DoctorOk: "ok", "正常";
    DoctorMissing: "missing", "缺少";
    DoctorOptional: "optional", "可选";
    ServiceAnswers: "the PC/SC service answers", "PC/SC 服务正常应答";
    ServiceRefuses: "the PC/SC service refuses this user at `{socket}`", "PC/SC 服务在 `{socket}` 拒绝当前用户";
    ServiceNoSocket: "not running: `{socket}` does not exist", "未运行：`{socket}` 不存在";
    ServiceNobody: "not running: nobody listens at `{socket}`", "未运行：`{socket}` 无人监听";
    ServiceOdd: "does not answer as it should: {what}", "应答异常：{what}";
    UsbPlugged: "{readers} is plugged in", "已接入 {readers}";
    UsbNotShown: "{readers} is plugged in, but PC/SC does not show it", "已接入 {readers}，但 PC/SC 未列出";
    ReaderNone: "none is connected", "未连接";
    ReaderNames: "{readers} is connected", "已连接 {readers}";
    CardNone: "no reader holds one now", "读卡器中暂无卡片";
    CardIn: "in {readers}", "位于 {readers} 中";
    KernelDriver: "the kernel's `pn533_usb` driver takes ACR122 and PN533 readers for itself",
        "内核驱动 `pn533_usb` 会占用 ACR122 和 PN533 读卡器";
    Acr122uFirmware: "`{reader}` has a {firmware}", "`{reader}` 内有 {firmware}";
    Acr122uNoEscape: "the driver of `{reader}` lets no commands through to its PN532; cards are read all the same",
        "`{reader}` 的驱动不转发发给其 PN532 的命令；不影响读卡";
    Acr122uSilent: "the PN532 in `{reader}` does not say which one it is: {what}", "`{reader}` 内的 PN532 未报告版本：{what}";
    SerialNone: "none; a PN532 on a serial port is not driven by this version yet", "无；此版本尚不支持串口 PN532";
    SerialUsable: "`{port}` can be used; a PN532 on it is not driven by this version yet", "`{port}` 可用；此版本尚不支持串口 PN532";
    SerialDenied: "`{port}` is closed to this user", "当前用户无权使用 `{port}`";
    MendInstall: "Debian, Ubuntu: `sudo apt install pcscd`; Fedora: `sudo dnf install pcsc-lite pcsc-lite-ccid` and `sudo systemctl enable --now pcscd.socket`; Arch: `sudo pacman -S pcsclite ccid`; macOS and Windows have the service built in",
        "Debian、Ubuntu：`sudo apt install pcscd`；Fedora：`sudo dnf install pcsc-lite pcsc-lite-ccid` 及 `sudo systemctl enable --now pcscd.socket`；Arch：`sudo pacman -S pcsclite ccid`；macOS 和 Windows 自带此服务";
    MendSocketUnit: "it is installed; `sudo systemctl enable --now pcscd.socket` starts it when it is needed",
        "已安装；`sudo systemctl enable --now pcscd.socket` 使其按需启动";
    MendDaemon: "it is installed, and no systemd starts it: `sudo pcscd` does, or the service manager of this system",
        "已安装，但没有 systemd 启动它：请运行 `sudo pcscd` 或使用本系统的服务管理器";
    MendRestart: "`sudo systemctl restart pcscd.socket pcscd.service`, or end `pcscd` and start it again",
        "`sudo systemctl restart pcscd.socket pcscd.service`，或结束 `pcscd` 后重新启动";
    MendPolkit: "log in at the machine itself, or allow this user in a file `/etc/polkit-1/rules.d/50-pcscd.rules`: `polkit.addRule((action, subject) => action.id.indexOf('org.debian.pcsc-lite.access_') == 0 && subject.user == 'NAME' ? polkit.Result.YES : undefined);`",
        "请在本机登录，或在 `/etc/polkit-1/rules.d/50-pcscd.rules` 中允许当前用户：`polkit.addRule((action, subject) => action.id.indexOf('org.debian.pcsc-lite.access_') == 0 && subject.user == 'NAME' ? polkit.Result.YES : undefined);`";
    MendReader: "plug in a reader; for a USB reader the driver is `libccid` (Debian, Ubuntu) or `pcsc-lite-ccid` (Fedora); without one, `--reader virtual:pboc-ec` is an emulated card",
        "请接入读卡器；USB 读卡器的驱动为 `libccid`（Debian、Ubuntu）或 `pcsc-lite-ccid`（Fedora）；没有读卡器时，`--reader virtual:pboc-ec` 是模拟卡";
    MendKernel: "`sudo modprobe -r pn533_usb`, and `blacklist pn533_usb` in a file in `/etc/modprobe.d` to keep it so; then plug the reader in again",
        "`sudo modprobe -r pn533_usb`，并在 `/etc/modprobe.d` 的文件中写入 `blacklist pn533_usb` 以保持；然后重新接入读卡器";
    MendDriver: "its driver is missing: `sudo apt install libccid` (Debian, Ubuntu), `sudo dnf install pcsc-lite-ccid` (Fedora); then restart `pcscd`",
        "缺少驱动：`sudo apt install libccid`（Debian、Ubuntu）、`sudo dnf install pcsc-lite-ccid`（Fedora）；然后重启 `pcscd`";
    MendEscape: "only for commands to the PN532 itself: set `ifdDriverOptions` to `0x0001` in `/etc/libccid_Info.plist` and restart `pcscd`",
        "仅当需要直接操作 PN532 时：将 `/etc/libccid_Info.plist` 中的 `ifdDriverOptions` 设为 `0x0001` 并重启 `pcscd`";
    MendGroup: "`sudo usermod -aG {group} $USER`, then log in again", "`sudo usermod -aG {group} $USER`，然后重新登录";
    MendNoGroup: "no group of this system may use it; a rule of udev can give it one", "本系统没有可使用它的用户组；可用 udev 规则指定";

    // `issuer`.
    IssuerTestKeys: "warning: public test keys sign here; they protect nothing", "警告：此处使用公开的测试密钥，不提供任何保护";
    IssuerPassphrase: "Passphrase of the key file: ", "密钥文件的口令：";
    IssuerPassphraseAgain: "The same again: ", "请再次输入口令：";
    IssuerPassphraseDiffers: "the two passphrases differ", "两次输入的口令不同";
    IssuerNoPassphrase: "a new key file needs a passphrase: `--passphrase-file FILE`, or `--plain` for none",
        "新密钥文件需要口令：`--passphrase-file FILE`，或用 `--plain` 不设口令";
    IssuerBadPin: "`{file}` has no PIN of 4 to 12 digits", "`{file}` 中没有 4 至 12 位的 PIN";
    IssuerBadCurrency: "`{currency}` is no currency of ISO 4217", "`{currency}` 不是 ISO 4217 货币";
    IssuerBadAmount: "`{amount}` is no amount in this currency", "`{amount}` 不是该货币的有效金额";
    IssuerBadRequest: "the request: {what}", "请求有误：{what}";
    IssuerMade: "made `{db}` and `{keys}`; keep a copy of both", "已生成 `{db}` 和 `{keys}`；请备份这两个文件";
    IssuerIssued: "card {card} ({pan}) is in `{file}`; read it with `tapcard read -r virtual:{file}`",
        "卡片 {card}（{pan}）已写入 `{file}`；可用 `tapcard read -r virtual:{file}` 读取";
    IssuerProfilePin: "note: the card has the PIN of the profile, which is public; `--pin-file` gives it another one",
        "提示：卡片使用模板中公开的 PIN；可用 `--pin-file` 另设";
    IssuerBlocked: "{pan} is blocked; its application is told with the next answer", "{pan} 已锁定；下次应答时通知卡内应用";
    IssuerUnblocked: "{pan} is served again; its application is unblocked with its next online transaction",
        "{pan} 已恢复使用；下次联机交易时解锁卡内应用";
    IssuerPinReset: "{pan} gets its PIN tries back with its next online transaction", "{pan} 将在下次联机交易时恢复 PIN 重试次数";
    IssuerAccount: "Account", "账户";
    IssuerAuthorisation: "Authorisation", "授权";
    IssuerKeys: "Keys", "密钥";
    IssuerKcvs: "Check values", "校验值";
    IssuerPan: "PAN", "卡号";
    IssuerWaiting: "Waiting scripts", "待发脚本";
    IssuerDecision: "Decision", "决定";
    IssuerAnswer: "Answer", "应答";
    IssuerRepeated: "{decision}, as it was answered before", "{decision}，与上次应答相同";
    IssuerDeclined: "declined: {reason}", "已拒绝：{reason}";
    IssuerNoAccount: "there is no account {number}", "没有账户 {number}";
    IssuerNoCard: "there is no card {number}", "没有卡片 {number}";
    IssuerOtherKey: "a sealed value does not open: another key file, or the database is damaged",
        "无法解密已封存的数据：密钥文件不符，或数据库已损坏";
    IssuerExists: "the database `{file}` is there already", "数据库 `{file}` 已存在";
    IssuerMissing: "there is no database `{file}`; `tapcard issuer init` makes one", "没有数据库 `{file}`；可用 `tapcard issuer init` 生成";
    KeyFileOpen: "`{file}` has mode {mode}; a key file has 600", "`{file}` 的权限为 {mode}；密钥文件应为 600";
    KeyFileFormat: "`{file}` is no key file", "`{file}` 不是密钥文件";
    KeyFileNoPassphrase: "`{file}` needs a passphrase", "`{file}` 需要口令";
    KeyFileWrongPassphrase: "the passphrase does not open `{file}`", "口令无法打开 `{file}`";
    ReasonApproved: "approved", "批准";
    ReasonUnknownCard: "no such card", "无此卡";
    ReasonUnknownVersion: "unknown cryptogram version", "密文版本未知";
    ReasonWrongCryptogram: "wrong cryptogram", "密文错误";
    ReasonNotOnline: "the card did not ask to go online", "卡片未请求联机";
    ReasonReplayed: "replayed", "重放";
    ReasonAmountDiffers: "the card authenticated another amount", "与卡片认证的金额不同";
    ReasonCardBlocked: "the card is blocked", "卡片已锁定";
    ReasonExpired: "the card has expired", "卡片已过期";
    ReasonAccountBlocked: "the account is blocked", "账户已锁定";
    ReasonCurrencyDiffers: "another currency than the account", "与账户货币不同";
    ReasonUnsupportedType: "unsupported transaction type", "不支持的交易类型";
    ReasonInsufficientFunds: "insufficient funds", "余额不足";
    ReasonNoCash: "no electronic cash in this currency", "无该货币的电子现金";
    ReasonUnprovenBalance: "the balance of the card is not proved", "卡内余额未经验证";
    ReasonCashLimit: "more than the card may hold", "超过卡内余额上限";
    ReasonOther: "another reason", "其他原因";

    // `man`.
    ManWritten: "wrote {count} pages to `{folder}`; `man {folder}/tapcard.1` shows the first", "已将 {count} 个手册页写入 `{folder}`；用 `man {folder}/tapcard.1` 查看";
}

#[cfg(test)]
mod tests {
    use super::super::{is_chinese, places};
    use super::*;

    #[test]
    fn every_message_has_both_languages() {
        for message in Msg::ALL {
            let (en, zh) = (message.text(Lang::En), message.text(Lang::Zh));
            assert!(!en.is_empty() && !is_chinese(en), "{message:?}");
            assert!(is_chinese(zh), "{message:?}");
            assert_eq!(places(en), places(zh), "{message:?}");
        }
    }

    #[test]
    fn chinese_columns_start_where_english_ones_do() {
        // The help of the shell is a table whose first column is typed and therefore the same.
        let starts = |lang: Lang| {
            let lines = Msg::ShellHelp.text(lang).lines();
            lines.map(|line| line.get(..16).map(str::to_owned)).collect::<Vec<_>>()
        };
        assert_eq!(starts(Lang::En), starts(Lang::Zh));
    }
}
