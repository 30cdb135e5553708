//! `tapcard vectors`: this program against test vectors.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use tapcard_vectors::{CaseResult, Options, Status, Summary, check};

use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::lang::{Lang, Msg, Said};
use crate::paint::Paint;
use crate::render::wrap::padded;

const EXAMPLES: &str = "\
Example:
  tapcard vectors check vectors/ --kind tlv

Exit codes: 1 when a case failed, or was not supported and `--allow-unsupported` is not given; 7 when there is no case.";

/// Check this program against test vectors.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Run every case of the given files and folders.
    Check(Check),
}

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct Check {
    /// Vector files, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only cases of this kind.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Do not fail because of cases that this version cannot run.
    #[arg(long)]
    allow_unsupported: bool,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let Command::Check(args) = &args.command;
    let options = Options { kind: args.kind.clone() };
    let summary = check(&args.paths, &options).context("cannot check the vectors")?;
    if global.json {
        writeln!(out, "{}", summary.to_json())?;
    } else {
        write_text(&summary, global.lang(), global.paint(), out)?;
    }
    if summary.failed > 0 {
        let all = summary.passed + summary.failed + summary.unsupported;
        let said = Said::new(Msg::VectorsFailed).with("count", summary.failed).with("all", all);
        return Err(Failure::say(Code::No, said).into());
    }
    if summary.unsupported > 0 && !args.allow_unsupported {
        let said = Said::new(Msg::VectorsUnsupported).with("count", summary.unsupported);
        return Err(Failure::say(Code::No, said).into());
    }
    Ok(())
}

fn write_text(summary: &Summary, lang: Lang, paint: Paint, out: &mut dyn Write) -> anyhow::Result<()> {
    let name = |path: &std::path::Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let width = summary.files.iter().map(|file| name(&file.path).chars().count()).max().unwrap_or_default();
    for file in &summary.files {
        let figures = [(file.passed, Msg::Passed), (file.failed, Msg::Failed), (file.unsupported, Msg::Unsupported)];
        let figures = figures.iter().filter(|(count, word)| *count > 0 || *word == Msg::Passed);
        let figures: Vec<_> = figures.map(|(count, word)| format!("{count:>5} {}", lang.text(*word))).collect();
        writeln!(out, "{:<width$} {}", name(&file.path), figures.join(","))?;
        for case in file.cases.iter().filter(|case| case.status != Status::Passed) {
            write_case(case, lang, paint, out)?;
        }
    }
    let said = Said::new(Msg::VectorsSum).with("passed", summary.passed).with("failed", summary.failed);
    Ok(writeln!(out, "{}", said.with("unsupported", summary.unsupported).text(lang))?)
}

fn write_case(case: &CaseResult, lang: Lang, paint: Paint, out: &mut dyn Write) -> anyhow::Result<()> {
    let mode = case.mode.as_ref().map(|mode| format!(" ({mode})")).unwrap_or_default();
    if case.status == Status::Failed {
        writeln!(out, "  {} {}{mode}", paint.warning(lang.text(Msg::Failed)), case.id)?;
        for (word, shown) in [(Msg::Expected, &case.expected), (Msg::Found, &case.found)] {
            if let Some(shown) = shown {
                writeln!(out, "    {} {shown}", padded(lang.text(word), 8))?;
            }
        }
        return Ok(());
    }
    // What cannot be run is named by the words of the vector format.
    let left_out: Vec<_> = case.left_out.iter().map(|left_out| left_out.what.as_str()).collect();
    writeln!(
        out,
        "  {} {}{mode}{}{}",
        paint.dim(lang.text(Msg::Unsupported)),
        case.id,
        lang.colon(),
        left_out.join(", ")
    )?;
    Ok(())
}
