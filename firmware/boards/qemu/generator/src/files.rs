//! The files of vectors and the cases in them, in both shapes that `vectors/README.md` allows.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

/// All JSON files of a folder by name, without its subfolders.
pub(crate) fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// The cases of a file, each under the name `file#id`.
pub(crate) fn read(path: &Path) -> Result<Vec<(String, Value)>> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read(path).with_context(|| path.display().to_string())?;
    let document = serde_json::from_slice(&text).with_context(|| path.display().to_string())?;
    let named = |case: Value| {
        let id = case.get("id").and_then(Value::as_str).with_context(|| format!("{file}: a case without `id`"))?;
        Ok((format!("{file}#{id}"), case))
    };
    cases(document).into_iter().map(named).collect()
}

/// The elements of an array, or of every array of an object, that are cases.
fn cases(document: Value) -> Vec<Value> {
    let lists: Vec<Value> = match document {
        Value::Object(members) => members.into_iter().map(|(_, member)| member).collect(),
        list => vec![list],
    };
    let elements = lists.into_iter().flat_map(|list| match list {
        Value::Array(elements) => elements,
        _ => Vec::new(),
    });
    elements.filter(|element| element.get("kind").is_some()).collect()
}

/// The case with the members of one of its members beside its own.
pub(crate) fn with_members_of(case: &Value, member: &str) -> Option<Value> {
    let mut whole = case.as_object()?.clone();
    whole.extend(case.get(member)?.as_object()?.clone());
    Some(Value::Object(whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_shapes_of_a_file_give_their_cases() {
        let (a, b) = (json!({"id": "a", "kind": "tlv"}), json!({"id": "b", "kind": "dol"}));
        assert_eq!(cases(json!([a, b])), [a.clone(), b.clone()]);
        assert_eq!(cases(json!({"about": "x", "source": {}, "invalid": [a], "vectors": [b]})), [a, b]);
    }

    #[test]
    fn one_side_of_a_pair_is_a_whole_case() {
        let pair = json!({"id": "a", "hex": "5A00", "right": {"error": "x"}, "wrong": {"hex": "5A"}});
        assert_eq!(with_members_of(&pair, "right").unwrap()["error"], "x");
        assert_eq!(with_members_of(&pair, "wrong").unwrap()["hex"], "5A");
        assert_eq!(with_members_of(&json!({"id": "a"}), "right"), None);
    }
}
