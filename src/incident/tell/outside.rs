//! What a later form or decision changes for those who answer to the Panel and to Ofsted (C5, N3, O5): they are told at once, since no
//! step of a clock brings it.
//!
//! Comes in: the incident before and after. Goes out: notices to quality assurance and the registered manager.

use super::again::Changes;
use super::{Telling, asked};
use crate::incident::due::{Standing, panel_first_said, panel_notified, panel_said};
use crate::incident::duties;
use crate::incident::event::NoticeKind;
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::{Incident, Status};

impl Telling<'_> {
    /// News for those who were asked about the Panel or Ofsted before.
    pub fn outside_changed(&self, before: &Incident, incident: &Incident) -> Vec<Notice> {
        if incident.status != Status::Open {
            return Vec::new();
        }
        let mut told = self.panel_changed(before, incident);
        told.extend(self.ofsted_changed(before, incident));
        told
    }

    /// C5, N3: the criterion is another one now, or none. What was declined, or required on quality assurance's own word, is news only
    /// where a child died since.
    fn panel_changed(&self, before: &Incident, incident: &Incident) -> Vec<Notice> {
        let found = before.panel.as_ref().map(|(at, _)| *at);
        let Some(since) = found.or_else(|| panel_first_said(before)) else { return Vec::new() };
        let (was, is) = (duties::nature(before), duties::nature(incident));
        let declined = panel_said(incident).is_some_and(|(required, _)| !required);
        let died = duties::child_died(incident) && !duties::child_died(before);
        // Asked by its own step; with a report that parts it goes.
        let begins_anew = incident.panel.as_ref().is_some_and(|(now, _)| *now > since);
        if begins_anew || was == is || ((declined || found.is_none()) && !died) {
            return Vec::new();
        }
        let open = ["panel_notification", "partners_informed"].into_iter().filter_map(|id| self.open(id, incident));
        let asks: Vec<Item> = open.map(|standing| asked(&standing)).collect();
        let kind = if asks.is_empty() { NoticeKind::Update } else { NoticeKind::Request };
        let pack = (!asks.is_empty() && is.is_some()).then_some(Item::PanelProposed);
        let items: Vec<Item> = std::iter::once(Item::PanelChanged { was, is }).chain(pack).chain(asks).collect();
        let to = self.holders(incident, Role::QualityAssurance).into_iter();
        to.map(|to| self.notice(incident, kind, to, items.clone())).collect()
    }

    /// O5: who was asked in the ordinary way is told to telephone as soon as a child has died, and when that is taken back.
    fn ofsted_changed(&self, before: &Incident, incident: &Incident) -> Vec<Notice> {
        let (was, is) = (duties::child_died(before), duties::child_died(incident));
        let was_asked = before.ofsted.is_some() && incident.stepped.contains_key("ofsted_report");
        let Some(standing) = self.open("ofsted_report", incident).filter(|_| was_asked && was != is) else {
            return Vec::new();
        };
        let (kind, first) = match is {
            true => (NoticeKind::Request, Item::OfstedAsked),
            false => (NoticeKind::Update, Item::OfstedNoDeath),
        };
        let items = vec![first, asked(&standing)];
        let to = self.holders(incident, Role::RegisteredManager).into_iter();
        to.map(|to| self.notice(incident, kind, to, items.clone())).collect()
    }

    /// N3, N8, O2: whoever types from a pack, or has typed from it, hears what of it has changed. `panel` and `ofsted`: the answers that
    /// the two are typed from and that differ: key, before, after.
    pub fn packs_overtaken(
        &self,
        before: &Incident,
        incident: &Incident,
        panel: Changes,
        ofsted: Changes,
    ) -> Vec<Notice> {
        if incident.status == Status::Withdrawn {
            return Vec::new();
        }
        let was_asked = |id: &str| incident.stepped.contains_key(id) && self.open(id, incident).is_some();
        let declined = panel_said(incident).is_some_and(|(required, _)| !required);
        let since =
            |incident: &Incident| incident.panel.as_ref().map(|(at, _)| *at).or_else(|| panel_first_said(incident));
        let goes_on = since(before).is_some() && since(before) == since(incident) && !declined;
        let made = panel_notified(incident).map(|(day, _)| day);
        let mut told = Vec::new();
        if goes_on && !panel.is_empty() && (made.is_some() || was_asked("panel_notification")) {
            let item = Item::PackOvertaken { panel: true, made, changes: panel };
            told.extend(self.update_role(incident, Role::QualityAssurance, &[], vec![item]));
        }
        // O4: what was reported is corrected by email to the inspector, which they hear by itself.
        if before.ofsted.is_some() && !ofsted.is_empty() && was_asked("ofsted_report") {
            let item = Item::PackOvertaken { panel: false, made: None, changes: ofsted };
            told.extend(self.update_role(incident, Role::RegisteredManager, &[], vec![item]));
        }
        told
    }

    fn open(&self, id: &str, incident: &Incident) -> Option<Standing<'_>> {
        self.clocks.standing_of(id, incident, self.now).filter(Standing::is_open)
    }
}
