//! Licences, origins and version requirements of everything that is compiled in, against `deny.toml`.
//!
//! `cargo deny` says the same and more, but takes minutes to compile where it is not installed. This test reads the same
//! file, so the rules stand in one place; `scripts/deny.sh` runs both where it can, and they have to agree.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};
use serde_json::Value;
use spdx::{Expression, ParseMode};
use toml::Table;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The whole tree of one manifest, for every platform and with every feature, exactly as its lock file has it.
fn tree(manifest: &str) -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join(manifest)).features(CargoOpt::AllFeatures);
    command.other_options(["--locked".to_owned()]).exec().unwrap()
}

fn policy() -> Table {
    std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

/// The strings of a list in the policy; a key that is not there is an empty list.
fn list(policy: &Table, section: &str, key: &str) -> Vec<String> {
    let values = policy.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array);
    values.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

/// Every breach of the policy, one sentence each.
fn breaches(tree: &Metadata, policy: &Table) -> Vec<String> {
    let mut found: Vec<String> = tree.packages.iter().filter_map(|package| licence_breach(package, policy)).collect();
    found.extend(tree.packages.iter().filter_map(|package| source_breach(package, policy)));
    found.extend(tree.packages.iter().flat_map(wildcards));
    found.extend(bans(tree, policy));
    found
}

fn licence_breach(package: &Package, policy: &Table) -> Option<String> {
    let (name, version) = (&package.name, &package.version);
    let Some(text) = &package.license else { return Some(format!("{name} {version} names no licence")) };
    // Older crates write `MIT/Apache-2.0`, which is `OR`.
    let Ok(terms) = Expression::parse_mode(text, ParseMode::LAX) else {
        return Some(format!("{name} {version} has an unknown licence `{text}`"));
    };
    let allowed = list(policy, "licenses", "allow");
    let fits = terms.evaluate(|term| allowed.contains(&term.to_string()));
    (!fits).then(|| format!("{name} {version} is under `{text}`"))
}

fn source_breach(package: &Package, policy: &Table) -> Option<String> {
    let source = package.source.as_ref()?.to_string(); // none: a folder of this repository
    let allowed = list(policy, "sources", "allow-registry");
    let fits = source.strip_prefix("registry+").is_some_and(|registry| allowed.iter().any(|one| one == registry));
    (!fits).then(|| format!("{} {} comes from `{source}`", package.name, package.version))
}

/// Requirements of our own crates that any version would meet. A test may name a folder of this repository without one:
/// nobody else ever sees that requirement.
fn wildcards(package: &Package) -> Vec<String> {
    if package.source.is_some() {
        return Vec::new();
    }
    let open = package.dependencies.iter().filter(|dependency| dependency.req.to_string() == "*");
    let counted = open.filter(|open| open.path.is_none() || open.kind != DependencyKind::Development);
    counted.map(|dependency| format!("{} takes any version of {}", package.name, dependency.name)).collect()
}

/// Crates that only some crates may use.
fn bans(tree: &Metadata, policy: &Table) -> Vec<String> {
    let rules = policy.get("bans").and_then(|bans| bans.get("deny")).and_then(toml::Value::as_array);
    let mut found = Vec::new();
    for rule in rules.into_iter().flatten().filter_map(toml::Value::as_table) {
        let banned = rule["crate"].as_str().unwrap();
        let wrappers: Vec<&str> = rule
            .get("wrappers")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(toml::Value::as_str)
            .collect();
        let users = tree.packages.iter().filter(|package| package.dependencies.iter().any(|one| one.name == banned));
        let strangers = users.filter(|user| !wrappers.contains(&user.name.as_str()));
        found.extend(strangers.map(|user| format!("{} uses {banned}", user.name)));
    }
    found
}

/// Names that stand in the tree with more than one version: allowed, but worth a line.
fn duplicates(tree: &Metadata) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    tree.packages.iter().map(|package| package.name.as_str()).filter(|name| !seen.insert(*name)).collect()
}

#[test]
fn the_dependency_tree_keeps_to_deny_toml() {
    for manifest in ["Cargo.toml", "firmware/boards/size-probe/Cargo.toml", "firmware/boards/qemu/Cargo.toml"] {
        let tree = tree(manifest);
        assert_eq!(breaches(&tree, &policy()), [""; 0], "{manifest}");
        println!("{manifest}: {} packages, more than one version of {:?}", tree.packages.len(), duplicates(&tree));
    }
}

#[test]
fn the_policy_uses_only_keys_that_this_test_understands() {
    let keys = policy().into_iter().flat_map(|(section, keys)| {
        keys.as_table().cloned().unwrap_or_default().into_iter().map(move |(key, _)| format!("{section}.{key}"))
    });
    let known = [
        "graph.all-features",
        "licenses.allow",
        "bans.multiple-versions",
        "bans.wildcards",
        "bans.deny",
        "sources.unknown-registry",
        "sources.unknown-git",
        "sources.allow-registry",
    ];
    assert_eq!(keys.collect::<BTreeSet<_>>(), known.map(str::to_owned).into_iter().collect());
}

#[test]
fn a_licence_that_is_not_listed_is_found() {
    let mut policy = policy();
    policy["licenses"]["allow"] = toml::Value::Array(vec!["MIT".into(), "Apache-2.0".into()]);
    let found = breaches(&tree("Cargo.toml"), &policy);
    assert!(found.iter().any(|line| line.starts_with("unicode-ident ")), "{found:?}");
    assert!(found.iter().all(|line| line.contains(" is under ")), "{found:?}");
}

#[test]
fn a_registry_that_is_not_listed_is_found() {
    let mut policy = policy();
    policy["sources"]["allow-registry"] = toml::Value::Array(vec!["https://registry.example/index".into()]);
    let tree = tree("Cargo.toml");
    let foreign = tree.packages.iter().filter(|package| package.source.is_some()).count();
    assert_eq!(breaches(&tree, &policy).len(), foreign);
}

#[test]
fn a_crate_that_is_used_from_the_wrong_place_is_found() {
    let mut policy = policy();
    policy["bans"]["deny"] =
        toml::from_str::<Table>("deny = [{ crate = 'pcsc', wrappers = ['tapcard'] }]").unwrap()["deny"].clone();
    assert_eq!(breaches(&tree("Cargo.toml"), &policy), ["tapcard-transport uses pcsc"]);
}

#[test]
fn a_requirement_that_any_version_meets_is_found() {
    let mut text = serde_json::to_value(tree("Cargo.toml")).unwrap();
    let packages = text["packages"].as_array_mut().unwrap();
    let ours = packages.iter_mut().find(|package| package["name"] == "tapcard-transport").unwrap();
    let pcsc = ours["dependencies"].as_array_mut().unwrap().iter_mut().find(|one| one["name"] == "pcsc").unwrap();
    pcsc["req"] = Value::from("*");
    let changed: Metadata = serde_json::from_value(text).unwrap();
    assert_eq!(breaches(&changed, &policy()), ["tapcard-transport takes any version of pcsc"]);
}
