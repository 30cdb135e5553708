//! Readers that are plugged in, whether or not PC/SC shows them: the difference says what is wrong.

use std::path::Path;

/// The interface class of smart card readers (USB-IF, Device Class: Smart Card ICCD/CCID, 4.3).
const CCID: &str = "0b";
/// Readers that people ask about, by vendor and product; those without CCID stand here only.
const KNOWN: [(&str, &str, &str); 6] = [
    ("072f", "2200", "ACS ACR122U"),
    ("072f", "223b", "ACS ACR1252U"),
    ("04cc", "2533", "NXP PN533"),
    ("04e6", "5591", "SCM SCL3711"),
    ("04e6", "5595", "SCM SCL3712"),
    ("076b", "5022", "OMNIKEY 5022"),
];

/// A reader on USB.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UsbReader {
    /// `072F:2200`.
    pub(super) id: String,
    /// What it calls itself, or what we call it.
    pub(super) name: String,
}

/// The readers among the devices that the kernel lists in a folder of sysfs.
pub(super) fn readers_on_usb(devices: &Path) -> Vec<UsbReader> {
    let entries = std::fs::read_dir(devices).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.filter_map(|entry| reader(&entry.path())).collect();
    found.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    found
}

fn reader(device: &Path) -> Option<UsbReader> {
    let read = |name: &str| Some(std::fs::read_to_string(device.join(name)).ok()?.trim().to_owned());
    let (vendor, product) = (read("idVendor")?.to_lowercase(), read("idProduct")?.to_lowercase());
    let known = KNOWN.iter().find(|(v, p, _)| (*v, *p) == (vendor.as_str(), product.as_str()));
    if known.is_none() && !has_ccid(device) {
        return None;
    }
    let own = [read("manufacturer"), read("product")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = known.map_or(own, |(_, _, name)| (*name).to_owned());
    Some(UsbReader { id: format!("{vendor}:{product}").to_uppercase(), name })
}

/// Whether one of a device's interfaces, which are folders in it, is of the class of readers.
fn has_ccid(device: &Path) -> bool {
    let entries = std::fs::read_dir(device).into_iter().flatten().flatten();
    let classes = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("bInterfaceClass")).ok());
    classes.into_iter().any(|class| class.trim().eq_ignore_ascii_case(CCID))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(root: &Path, name: &str, files: &[(&str, &str)]) {
        for (file, content) in files {
            let path = root.join(name).join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, format!("{content}\n")).unwrap();
        }
    }

    #[test]
    fn readers_are_found_by_number_or_class() {
        let root = tempfile::tempdir().unwrap();
        device(root.path(), "1-1", &[("idVendor", "072f"), ("idProduct", "2200"), ("product", "CCID USB Reader")]);
        let other = [("idVendor", "08e6"), ("idProduct", "3437"), ("manufacturer", "Gemalto"), ("product", "PC Twin")];
        device(root.path(), "1-2", &other);
        device(root.path(), "1-2", &[("1-2:1.0/bInterfaceClass", "0b")]);
        device(root.path(), "1-3", &[("idVendor", "046d"), ("idProduct", "c31c"), ("1-3:1.0/bInterfaceClass", "03")]);
        device(root.path(), "usb1", &[("idVendor", "1d6b")]);
        let reader = |id: &str, name: &str| UsbReader { id: id.into(), name: name.into() };
        let expected = [reader("072F:2200", "ACS ACR122U"), reader("08E6:3437", "Gemalto PC Twin")];
        assert_eq!(readers_on_usb(root.path()), expected);
    }

    #[test]
    fn a_system_without_sysfs_has_none() {
        assert!(readers_on_usb(Path::new("/nowhere/at/all")).is_empty());
    }
}
