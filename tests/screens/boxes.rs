//! Everything that can be seen or touched on a screen, with its place, read from the item tree.

use i_slint_core::item_tree::{ItemRc, ParentItemTraversalMode};
use i_slint_core::items::{
    AccessibleRole, Clip, ComplexText, SimpleText, TextHorizontalAlignment, TextVerticalAlignment, TextWrap, TouchArea,
};
use i_slint_core::lengths::{LogicalPoint, LogicalRect};
use i_slint_core::window::WindowInner;
use i_slint_core::{accessibility::AccessibleStringProperty, layout::Orientation};
use istiqbal_ui::App;
use slint::{Color, ComponentHandle};

/// A line of IBM Plex Sans Arabic, in letter sizes.
const LINE_HEIGHT: f32 = 1.5;

/// A rectangle in the window, in dots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Rect {
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// How deep two rectangles lie over each other: the smaller of both overlaps, negative when they lie apart.
    pub fn overlap(&self, other: &Self) -> f32 {
        let across = self.right().min(other.right()) - self.x.max(other.x);
        let down = self.bottom().min(other.bottom()) - self.y.max(other.y);
        across.min(down)
    }

    /// How far apart two rectangles lie.
    pub fn gap(&self, other: &Self) -> f32 {
        let across = (other.x - self.right()).max(self.x - other.right()).max(0.0);
        let down = (other.y - self.bottom()).max(self.y - other.bottom()).max(0.0);
        across.hypot(down)
    }

    /// What of it can be seen through another.
    fn cut(&self, seen: &Self) -> Self {
        let (x, y) = (self.x.max(seen.x), self.y.max(seen.y));
        let (right, bottom) = (self.right().min(seen.right()), self.bottom().min(seen.bottom()));
        Self { x, y, width: (right - x).max(0.0), height: (bottom - y).max(0.0) }
    }

    pub fn mirrored(&self, width: f32) -> Self {
        Self { x: width - self.right(), ..*self }
    }
}

/// Words on the screen.
#[derive(Clone, Debug)]
pub struct Text {
    pub text: String,
    /// The place it was given
    pub place: Rect,
    /// Where its letters are
    pub ink: Rect,
    /// The letter size
    pub size: f32,
    pub color: Color,
    /// What it would need, with the width it has
    pub wanted_width: f32,
    pub wanted_height: f32,
    pub wraps: bool,
    /// It shows a part of itself, whole lines at a time: the ink is what is seen
    pub is_a_part: bool,
    /// The button it belongs to
    pub owner: Option<Owner>,
}

impl Text {
    /// A part of a long text is seen through a window of whole lines; anything else must be seen whole.
    fn cut(&mut self, seen: &Rect) {
        if self.wraps && (self.ink.y < seen.y || self.ink.bottom() > seen.bottom()) {
            let line = self.size * LINE_HEIGHT;
            let lines = (seen.height / line).round().max(1.0);
            self.is_a_part = (seen.height / lines - line).abs() < 1.0;
        }
        if self.is_a_part {
            self.ink = self.ink.cut(seen);
        }
    }
}

/// What can be touched.
#[derive(Clone, Debug)]
pub struct Target {
    pub id: String,
    pub label: String,
    pub place: Rect,
    pub owner: Option<Owner>,
    pub enabled: bool,
}

/// The innermost element with the role of a button, by its place in the tree.
pub type Owner = (usize, u32);

/// What a screen shows, in drawing order.
pub struct Boxes {
    pub texts: Vec<Text>,
    pub targets: Vec<Target>,
}

impl Boxes {
    /// Of all that isn't behind an overlay: what lies under a veil can be neither touched nor read.
    pub fn of(app: &App) -> Self {
        let mut all = Gathering { boxes: Self { texts: Vec::new(), targets: Vec::new() }, app };
        let root = ItemRc::new_root(WindowInner::from_pub(app.window()).component());
        let size = app.window().size();
        let window = Rect { x: 0.0, y: 0.0, width: size.width as f32, height: size.height as f32 };
        all.gather(&root, None, &window);
        let mut boxes = all.boxes;
        // The window's own touch area tells only that somebody is here.
        boxes.targets.retain(|target| target.owner.is_some());
        boxes
    }
}

struct Gathering<'a> {
    boxes: Boxes,
    app: &'a App,
}

impl Gathering<'_> {
    fn gather(&mut self, item: &ItemRc, owner: Option<&Owner>, seen: &Rect) {
        if !item.is_visible() {
            return;
        }
        let own = (item.accessible_role() == AccessibleRole::Button).then(|| owner_of(item));
        let owner = own.as_ref().or(owner);
        if let Some(area) = item.downcast::<TouchArea>() {
            let place = rect(item);
            if self.covers_the_window(&place) {
                self.boxes = Boxes { texts: Vec::new(), targets: Vec::new() };
            }
            let button = button_of(item);
            let property = |what| button.as_ref().and_then(|button| button.accessible_string_property(what));
            self.boxes.targets.push(Target {
                id: property(AccessibleStringProperty::Id).unwrap_or_default().to_string(),
                label: property(AccessibleStringProperty::Label).unwrap_or_default().to_string(),
                enabled: property(AccessibleStringProperty::Enabled).is_none_or(|enabled| enabled == "true"),
                place,
                owner: owner.cloned(),
            });
            drop(area);
        }
        if let Some(mut text) = text(item, self.app, owner) {
            text.cut(seen);
            if text.ink.height > 1.0 {
                self.boxes.texts.push(text);
            }
        }
        let clips = item.downcast::<Clip>().is_some_and(|clip| clip.as_pin_ref().clip());
        let seen = if clips { rect(item).cut(seen) } else { *seen };
        let mut child = item.first_child();
        while let Some(item) = child {
            self.gather(&item, owner, &seen);
            child = item.next_sibling();
        }
    }

    fn covers_the_window(&self, place: &Rect) -> bool {
        let size = self.app.window().size();
        place.width >= size.width as f32 && place.height >= size.height as f32
    }
}

fn owner_of(item: &ItemRc) -> Owner {
    (std::ptr::from_ref(&**item.item_tree()).addr(), item.index())
}

fn button_of(item: &ItemRc) -> Option<ItemRc> {
    let mut above = item.parent_item(ParentItemTraversalMode::StopAtPopups);
    while let Some(item) = above {
        if item.accessible_role() == AccessibleRole::Button {
            return Some(item);
        }
        above = item.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    None
}

fn rect(item: &ItemRc) -> Rect {
    let LogicalRect { size, .. } = item.geometry();
    let LogicalPoint { x, y, .. } = item.map_to_window(item.geometry().origin);
    Rect { x, y, width: size.width, height: size.height }
}

fn text(item: &ItemRc, app: &App, owner: Option<&Owner>) -> Option<Text> {
    let adapter = WindowInner::from_pub(app.window()).window_adapter();
    let place = rect(item);
    let (text, size, color, across, down, wraps) = if let Some(text) = item.downcast::<ComplexText>() {
        let text = text.as_pin_ref();
        (
            text.text(),
            text.font_size().get(),
            text.color().color(),
            text.horizontal_alignment(),
            text.vertical_alignment(),
            text.wrap() != TextWrap::NoWrap,
        )
    } else if let Some(text) = item.downcast::<SimpleText>() {
        let text = text.as_pin_ref();
        (
            text.text(),
            text.font_size().get(),
            text.color().color(),
            text.horizontal_alignment(),
            text.vertical_alignment(),
            false,
        )
    } else {
        return None;
    };
    if text.trim().is_empty() {
        return None;
    }
    let wanted =
        |orientation, across| item.borrow().as_ref().layout_info(orientation, across, &adapter, item).preferred;
    let one_line = wanted(Orientation::Horizontal, -1.0);
    let wanted_height = wanted(Orientation::Vertical, place.width);
    let wanted_width = if wraps { one_line.min(place.width) } else { one_line };
    // A line is half again as high as its letters need.
    let leading = size * 0.2;
    let ink_height = (wanted_height - 2.0 * leading).max(size * 0.5);
    let free = (place.width - wanted_width, place.height - ink_height);
    let ink = Rect {
        x: place.x
            + match across {
                TextHorizontalAlignment::Center => free.0 / 2.0,
                TextHorizontalAlignment::Right | TextHorizontalAlignment::End => free.0,
                _ => 0.0,
            },
        y: place.y
            + match down {
                TextVerticalAlignment::Center => free.1 / 2.0,
                TextVerticalAlignment::Bottom => free.1 - leading,
                _ => leading,
            },
        width: wanted_width,
        height: ink_height,
    };
    let text = text.chars().filter(|letter| !matches!(letter, '\u{200F}' | '\u{2066}'..='\u{2069}')).collect();
    Some(Text {
        text,
        place,
        ink,
        size,
        color,
        wanted_width,
        wanted_height,
        wraps,
        is_a_part: false,
        owner: owner.cloned(),
    })
}
