//! Services and common questions, read before anything is asked (P8, P11).

use super::{Effect, Event, Information, Input, Screen, Visit};
use crate::domain::catalogue::SERVICE_QUESTION;

impl Visit {
    pub(super) fn on_information(&mut self, event: Event) -> Vec<Effect> {
        let Screen::Information(information) = &mut self.screen else { return Vec::new() };
        match (event, &information) {
            (Event::ShowInformation(shown), _) => *information = shown,
            (Event::Back, Information::Service(_)) => *information = Information::Services,
            (Event::Back, Information::CommonQuestion(_)) => *information = Information::Questions,
            (Event::Back, _) => self.forget_answers(),
            (Event::Next, Information::Service(id)) => {
                // The service that was just read about stands chosen when its question comes.
                self.inputs.insert(SERVICE_QUESTION.to_owned(), Input::Choice([id.clone()].into()));
                self.screen = self.first_page();
            }
            _ => {}
        }
        Vec::new()
    }
}
