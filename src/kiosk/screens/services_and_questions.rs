//! Services and common questions: what is offered, to whom, with which documents, and what isn't (P8, P11).

use istiqbal_ui::{App, Choice, InformationPhase, Section, ServicesAndQuestionsAdapter, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::Touch;
use crate::domain::catalogue::{Catalogue, Document};
use crate::kiosk::visit::{Event, Information};
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<ServicesAndQuestionsAdapter>();
    adapter.on_show({
        let touch = touch.clone();
        move |phase| match phase {
            InformationPhase::Services => touch(Event::ShowInformation(Information::Services)),
            InformationPhase::Questions => touch(Event::ShowInformation(Information::Questions)),
            InformationPhase::Detail => {}
        }
    });
    adapter.on_open_service({
        let touch = touch.clone();
        move |id| touch(Event::ShowInformation(Information::Service(id.into())))
    });
    adapter.on_open_question({
        let touch = touch.clone();
        move |id| {
            if let Ok(place) = id.parse() {
                touch(Event::ShowInformation(Information::CommonQuestion(place)));
            }
        }
    });
}

pub fn show(app: &App, words: &Words, catalogue: &Catalogue, information: &Information) {
    let adapter = app.global::<ServicesAndQuestionsAdapter>();
    let language = words.language();
    let tile = |id: String, label: &str, icon: &str| Choice {
        id: id.into(),
        label: shown(label),
        help: "".into(),
        icon: icon.into(),
        selected: false,
    };
    let services = catalogue.services.iter();
    let services =
        services.map(|service| tile(service.id.get_ref().clone(), service.label.in_language(language), &service.icon));
    adapter.set_services(ModelRc::new(VecModel::from_iter(services)));
    let questions = catalogue.common_questions.iter().enumerate();
    let questions =
        questions.map(|(place, common)| tile(place.to_string(), common.question.in_language(language), "question"));
    adapter.set_questions(ModelRc::new(VecModel::from_iter(questions)));
    match information {
        Information::Services => adapter.set_phase(InformationPhase::Services),
        Information::Questions => adapter.set_phase(InformationPhase::Questions),
        Information::Service(id) => {
            if let Some(service) = catalogue.service(id) {
                // A family isn't sent for a paper that only others need.
                let (sometimes, always): (Vec<&Document>, Vec<&Document>) = service
                    .documents
                    .iter()
                    .filter_map(|id| catalogue.document(id.get_ref()))
                    .partition(|document| !document.when.is_empty());
                let list = |documents: &[&Document]| {
                    let labels: Vec<_> =
                        documents.iter().map(|document| document.label.in_language(language)).collect();
                    words.list(&labels)
                };
                let mut sections = vec![
                    section(words.get("services-for-whom"), service.for_whom.in_language(language)),
                    section(words.get("services-about"), service.about.in_language(language)),
                    section(words.get("services-documents"), &list(&always)),
                    section(words.get("services-documents-if"), &list(&sometimes)),
                ];
                sections.retain(|section| !section.text.is_empty());
                show_detail(&adapter, service.label.in_language(language), &service.icon, sections, true);
            }
        }
        Information::CommonQuestion(place) => {
            if let Some(common) = catalogue.common_questions.get(*place) {
                let answer = vec![section(String::new(), common.answer.in_language(language))];
                show_detail(&adapter, common.question.in_language(language), "question", answer, false);
            }
        }
    }
}

fn show_detail(
    adapter: &ServicesAndQuestionsAdapter<'_>,
    title: &str,
    icon: &str,
    sections: Vec<Section>,
    can_request: bool,
) {
    adapter.set_title(shown(title));
    adapter.set_icon(icon.into());
    adapter.set_sections(ModelRc::new(VecModel::from(sections)));
    adapter.set_can_request(can_request);
    adapter.set_phase(InformationPhase::Detail);
}

fn section(heading: String, text: &str) -> Section {
    Section { heading: shown(heading), text: shown(text.trim()) }
}
