//! What people set for all pages: colours of their own (`forced-colors`) and less motion. Then what a ground or a shade said
//! has to be said by lines: borders and the focus are seen, and no text is lost.

use serde_json::Value;

use super::chrome::{Chrome, Look, is_installed, scheme};
use super::furnished::Furnished;
use super::public::{address, office_with_every_stage};
use crate::domain::language::Language;
use crate::office::people::Role;

/// What the scripts below share: what is seen, and how far a colour stands out from what it lies on (WCAG's contrast).
const SEEING: &str = "
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true });
    const channels = (colour) => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
    const over = ([r, g, b, a], [r2, g2, b2]) => [r * a + r2 * (1 - a), g * a + g2 * (1 - a), b * a + b2 * (1 - a), 1];
    const ground = (element) => {
        if (element === null) return channels(matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)');
        const own = channels(getComputedStyle(element).backgroundColor);
        return own[3] === 1 ? own : over(own, ground(element.parentElement));
    };
    const light = (colour) => colour.slice(0, 3).map((one) => one / 255)
        .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
    const contrast = (colour, on) => {
        const [one, other] = [light(over(channels(colour), on)), light(on)];
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    };
    const about = (element) => element.outerHTML.replace(/\\s+/g, ' ').slice(0, 90);
    const problems = [];";

/// Buttons, fields, marks of a stage and parts of a page have a line around them, and every text stands out.
const LINES_AND_TEXTS: &str = "
    const framed = 'button, .button, select, textarea, .tag, .card, .filters a, input:not([type=hidden], [type=checkbox], [type=radio], [type=file])';
    for (const element of [...document.querySelectorAll(framed)].filter(isSeen)) {
        const style = getComputedStyle(element);
        for (const side of ['Top', 'Right', 'Bottom', 'Left']) {
            const [kind, width, colour] = ['Style', 'Width', 'Color'].map((what) => style[`border${side}${what}`]);
            if (kind === 'none' || parseFloat(width) < 1 || contrast(colour, ground(element.parentElement)) < 3) {
                problems.push(`no line (${side}: ${kind} ${width} ${colour}): ${about(element)}`);
                break;
            }
        }
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let count = 0;
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (texts.currentNode.data.trim() === '' || !isSeen(element)) continue;
        count += 1;
        const { color } = getComputedStyle(element);
        if (contrast(color, ground(element)) < 4.5) problems.push(`${color} can't be read on ${ground(element)}: ${about(element)}`);
    }
    if (count < 5) problems.push(`only ${count} texts`);
    return problems;";

/// Whatever takes the focus shows it by a line that wasn't there before. A key was pressed: a script's focus is seen as a
/// keyboard's is.
const FOCUS: &str = "
    const line = (element) => {
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
        return { kind: outlineStyle, width: parseFloat(outlineWidth), colour: outlineColor };
    };
    const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]';
    const reached = [...document.querySelectorAll(wanted)].filter((element) => isSeen(element) && element.tabIndex >= 0 && !element.disabled);
    if (reached.length === 0) problems.push('nothing can have the focus');
    for (const element of reached) {
        document.activeElement.blur();
        const before = line(element);
        element.focus();
        if (document.activeElement !== element) continue;
        const focused = line(element);
        const isNew = before.kind === 'none' || before.width !== focused.width || before.colour !== focused.colour;
        if (focused.kind === 'none' || focused.width < 2 || !isNew || contrast(focused.colour, ground(element.parentElement)) < 3) {
            problems.push(`the focus isn't seen (${JSON.stringify(before)} ${JSON.stringify(focused)}): ${about(element)}`);
        }
    }
    return problems;";

/// Where one is, is said by a line, too: without its ground it would look like its neighbours.
const WHERE_ONE_IS: &str = "
    for (const element of [...document.querySelectorAll('a[aria-current=page], a[aria-current=true]')].filter(isSeen)) {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) problems.push(`like its neighbours: ${about(element)}`);
    }
    return problems;";

const MOTION: &str = "
    for (const element of document.querySelectorAll('*')) {
        const style = getComputedStyle(element);
        const times = `${style.transitionDuration}, ${style.animationDuration}`.split(', ').map(parseFloat);
        if (times.some((seconds) => seconds > 0) || style.scrollBehavior === 'smooth') problems.push(`it moves: ${about(element)}`);
    }
    return problems.concat(document.getAnimations().map((one) => `it moves: ${one.animationName}`));";

/// All that the page says, in whatever colours.
const SAID: &str = "return document.body.innerText";

async fn problems(chrome: &Chrome, script: &str) -> Vec<String> {
    serde_json::from_value(chrome.run(&format!("{SEEING}{script}")).await).unwrap()
}

/// What is wrong with the open page for somebody with colours of their own, light or dark.
async fn in_forced_colours(chrome: &Chrome, about: &str) -> Vec<String> {
    let mut found = Vec::new();
    chrome.medium("", &[]).await;
    let said = chrome.run(SAID).await;
    for dark in [false, true] {
        chrome.medium("", &[("forced-colors", "active"), ("prefers-reduced-motion", "reduce"), scheme(dark)]).await;
        let is_forced = "return matchMedia('(forced-colors: active) and (prefers-reduced-motion: reduce)').matches";
        assert_eq!(chrome.run(is_forced).await, true);
        let look = format!("{about}, {}", if dark { "dark" } else { "light" });
        if chrome.run(SAID).await != said {
            found.push(format!("{look}: another text than in its own colours"));
        }
        chrome.tab().await;
        for script in [LINES_AND_TEXTS, FOCUS, WHERE_ONE_IS, MOTION] {
            found.extend(problems(chrome, script).await.into_iter().map(|one| format!("{look}: {one}")));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_pages_are_seen_in_anybodys_colours() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::signed_in(&furnished.office, Role::Administrator).await;
    let session = session_of(&furnished, &chrome).await;
    let request = |stage: &str| format!("/requests/{}", furnished.requests[stage]);
    let pages = ["/".to_owned(), "/requests?list=all".into(), request("ready"), request("refused"), session];
    let mut found = Vec::new();
    for path in pages {
        for (language, width) in [(Language::Arabic, 1280), (Language::English, 360)] {
            chrome.look(Look { language, dark: false, width }).await;
            chrome.open(&path).await;
            // A visitor's call comes by itself.
            chrome.until("document.querySelector('#calls li') !== null").await;
            let has_marks = chrome.run("return document.querySelector('main .tag') !== null").await;
            assert!(has_marks == true || !path.starts_with("/requests"), "{path} has marks of stages");
            found.extend(in_forced_colours(&chrome, &format!("{path} {width}")).await);
        }
    }
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

/// The committee's session that stands first in the list.
async fn session_of(furnished: &Furnished, chrome: &Chrome) -> String {
    chrome.open("/sessions").await;
    let link = chrome.run("return document.querySelector('tbody a').getAttribute('href')").await;
    let Value::String(path) = link else { panic!("{} has a session", furnished.office.server.staff_address) };
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_is_seen_in_anybodys_colours() {
    if !is_installed() {
        return;
    }
    let (office, receipts) = office_with_every_stage().await;
    let chrome = Chrome::start(&office, &[]).await;
    let mut found = Vec::new();
    for width in [1280, 360] {
        chrome.width(width).await;
        let form = ("the form", "/".to_owned());
        let stages = receipts.iter().map(|(stage, receipt)| (*stage, format!("/t/{receipt}")));
        for (about, path) in [form].into_iter().chain(stages) {
            chrome.visit(&address(&office, &path), 200).await;
            found.extend(in_forced_colours(&chrome, &format!("{about} {width}")).await);
        }
    }
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}
