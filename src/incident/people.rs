//! Roles, services, absences and deputies: who is to be told, and in what capacity (section 1).
//!
//! Comes in: the people of the settings, a role, a service and a day. Goes out: addressees. Knows no incident.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A role of the procedure (section 1). The order of the first four is that of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The procedure's own names.
pub enum Role {
    HeadOfService,
    ServiceDirector,
    StrategicDirector,
    ChiefExecutive,
    LineManager,
    QualityAssurance,
    LscpBusinessManager,
    SafeguardingPartner,
    RegisteredManager,
    WhistleblowingOfficer,
    Administrator,
}

/// The chain of seniority, lowest first.
pub const CHAIN: [Role; 4] =
    [Role::HeadOfService, Role::ServiceDirector, Role::StrategicDirector, Role::ChiefExecutive];

impl Role {
    /// The role in words, as mails say it.
    pub fn words(self) -> &'static str {
        match self {
            Role::HeadOfService => "Head of Service",
            Role::ServiceDirector => "Service Director",
            Role::StrategicDirector => "Strategic Director",
            Role::ChiefExecutive => "Chief Executive",
            Role::LineManager => "line manager",
            Role::QualityAssurance => "quality assurance",
            Role::LscpBusinessManager => "LSCP Business Manager",
            Role::SafeguardingPartner => "safeguarding partner",
            Role::RegisteredManager => "registered manager",
            Role::WhistleblowingOfficer => "whistleblowing officer",
            Role::Administrator => "system administrator",
        }
    }

    /// Place in the chain, 1 (Head of Service) to 4 (Chief Executive); 0 outside it.
    pub fn rank(self) -> usize {
        CHAIN.iter().position(|role| *role == self).map_or(0, |at| at + 1)
    }
}

/// Someone is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The first day away, local.
    pub from: NaiveDate,
    /// The last day away, local, included.
    pub to: NaiveDate,
    /// The deputy's address; needs no entry of its own.
    pub deputy: String,
}

/// One person of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address; compared without case.
    pub email: String,
    /// The number to ring.
    #[serde(default)]
    pub phone: Option<String>,
    /// The roles held; may be empty.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The services for which; `None`: all.
    #[serde(default)]
    pub services: Option<Vec<String>>,
    /// When away.
    #[serde(default)]
    pub absent: Option<Absence>,
}

/// A service of the council with the names that people give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
}
