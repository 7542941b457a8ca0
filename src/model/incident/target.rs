//! Where an incident strikes: names of the scenario, found or refused.

use std::collections::BTreeMap;

use crate::model::fault::{Faults, KeyPath};

/// What there is to strike: names in the order of their indices.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Access networks.
    pub networks: Vec<String>,
    /// Providers.
    pub providers: Vec<String>,
    /// Banks.
    pub banks: Vec<String>,
    /// Bank indices by tag.
    pub tags: BTreeMap<String, Vec<u8>>,
}

/// One place that an incident strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Site {
    Gateway,
    Network(usize),
    Provider(usize),
    Bank(usize),
}

impl Site {
    /// The kind of place, for sentences.
    pub(super) fn place(self) -> &'static str {
        match self {
            Site::Gateway => "the gateway",
            Site::Network(_) => "a network",
            Site::Provider(_) => "a provider",
            Site::Bank(_) => "a bank",
        }
    }
}

/// More legal names than this are too many to list.
const LISTED_MAX: usize = 14;

impl Targets {
    /// The places that `target` names, or a fault.
    pub(super) fn sites(&self, target: &str, path: &KeyPath, faults: &mut Faults) -> Vec<Site> {
        let one = |names: &[String], name: &str| names.iter().position(|n| n == name);
        let found = match target.split_once(':') {
            None => match target {
                "gateway" => Some(vec![Site::Gateway]),
                "network" => Some((0..self.networks.len()).map(Site::Network).collect()),
                "providers" => Some((0..self.providers.len()).map(Site::Provider).collect()),
                "banks" => Some((0..self.banks.len()).map(Site::Bank).collect()),
                _ => None,
            },
            Some(("network", name)) => one(&self.networks, name).map(|i| vec![Site::Network(i)]),
            Some(("provider", name)) => one(&self.providers, name).map(|i| vec![Site::Provider(i)]),
            Some(("bank", name)) => one(&self.banks, name).map(|i| vec![Site::Bank(i)]),
            Some(("tag", name)) => self
                .tags
                .get(name)
                .map(|banks| banks.iter().map(|&b| Site::Bank(usize::from(b))).collect()),
            Some(_) => None,
        };
        match found {
            Some(sites) if sites.is_empty() => {
                faults.add(path.clone(), format!("is {target:?}, which strikes nobody"));
                sites
            }
            Some(mut sites) => {
                sites.sort_unstable();
                sites.dedup();
                sites
            }
            None => {
                let message = format!("names nothing that there is: {target:?}");
                faults.add_with_help(path.clone(), message, self.help(target));
                Vec::new()
            }
        }
    }

    /// The legal targets: the nearest one first, then all, or all of the kind, or their number.
    fn help(&self, wrong: &str) -> String {
        let mut legal = self.legal();
        let nearest = legal.iter().min_by_key(|l| strsim::damerau_levenshtein(l, wrong)).cloned();
        if legal.len() > LISTED_MAX
            && let Some((kind, _)) = wrong.split_once(':')
            && legal.iter().any(|l| l.starts_with(kind))
        {
            legal.retain(|l| l.strip_prefix(kind).is_some_and(|rest| rest.starts_with(':')));
        }
        let guess = match nearest {
            Some(near) if strsim::damerau_levenshtein(&near, wrong) <= 3 => {
                format!("did you mean {near:?}? ")
            }
            _ => String::new(),
        };
        if legal.len() <= LISTED_MAX {
            return format!("{guess}one of {}", legal.join(", "));
        }
        format!(
            "{guess}gateway, network, network:NAME, providers, provider:NAME, banks, bank:NAME or \
             tag:NAME; {} names fit, such as {}",
            legal.len(),
            legal[..LISTED_MAX / 2].join(", ")
        )
    }

    fn legal(&self) -> Vec<String> {
        let named = |kind: &'static str, names: &[String]| -> Vec<String> {
            names.iter().map(|name| format!("{kind}:{name}")).collect()
        };
        let tags: Vec<String> = self.tags.keys().cloned().collect();
        let all = ["gateway", "network", "providers", "banks"];
        let mut legal: Vec<String> = all.map(str::to_owned).into();
        legal.extend(named("network", &self.networks));
        legal.extend(named("provider", &self.providers));
        legal.extend(named("tag", &tags));
        legal.extend(named("bank", &self.banks));
        legal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::incident::tests::targets;

    fn refused(targets: &Targets, wrong: &str) -> (String, String) {
        let mut faults = Faults::default();
        assert!(targets.sites(wrong, &KeyPath::root(), &mut faults).is_empty());
        let fault = faults.into_vec().remove(0);
        (fault.message, fault.help.unwrap_or_default())
    }

    #[test]
    fn names_find_their_places() {
        let (targets, mut faults) = (targets(), Faults::default());
        let mut sites = |target: &str| targets.sites(target, &KeyPath::root(), &mut faults);
        assert_eq!(sites("gateway"), [Site::Gateway]);
        assert_eq!(sites("network"), [Site::Network(0), Site::Network(1)]);
        assert_eq!(sites("network:wifi"), [Site::Network(1)]);
        assert_eq!(sites("provider:wechat"), [Site::Provider(1)]);
        assert_eq!(sites("providers"), [Site::Provider(0), Site::Provider(1)]);
        assert_eq!(sites("banks").len(), 3);
        assert_eq!(sites("bank:BOC"), [Site::Bank(1)]);
        assert_eq!(sites("tag:state"), [Site::Bank(0), Site::Bank(2)]);
        assert!(faults.is_empty());
    }

    #[test]
    fn a_wrong_name_meets_its_nearest() {
        for (wrong, near) in [
            ("gatway", "\"gateway\""),
            ("network:wfi", "\"network:wifi\""),
            ("bank:ICBD", "\"bank:ICBC\""),
            ("provider:alipai", "\"provider:alipay\""),
            ("bank", "\"banks\""),
        ] {
            let (message, help) = refused(&targets(), wrong);
            assert!(message.contains(wrong) && help.contains(&format!("did you mean {near}?")));
        }
        let (_, help) = refused(&targets(), "the whole world");
        assert!(!help.contains("did you mean") && help.contains("provider:wechat"), "{help}");
    }

    #[test]
    fn of_many_names_only_some_are_shown() {
        let banks = (0..200).map(|i| format!("BANK{i}")).collect();
        let targets = Targets { banks, ..targets() };
        let (_, help) = refused(&targets, "bank:NONE");
        assert!(help.contains("200 names fit") && help.len() < 300, "{help}");
    }

    #[test]
    fn an_empty_tag_strikes_nobody() {
        assert!(refused(&targets(), "tag:nobody").0.contains("strikes nobody"));
        assert!(refused(&Targets::default(), "network").0.contains("strikes nobody"));
    }
}
