//! The letter as HTML. One layout, `templates/mail.html`; askama escapes everything.

use super::letter::Letter;
use askama::Template;

/// Taken where the seller's colour is none.
const COLOUR_DEFAULT: &str = "#1f4e79";

#[derive(Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    letter: &'a Letter,
    /// Bar and buttons.
    colour: &'a str,
    /// Text on a button.
    on_colour: &'a str,
}

/// Prints a letter in the seller's colour.
pub(super) fn html(letter: &Letter, colour: &str) -> String {
    let colour = if is_colour(colour) { colour } else { COLOUR_DEFAULT };
    let on_colour = if is_light(colour) { "#1a1a1a" } else { "#ffffff" };
    // Rendering into a text fails only if something that is printed does; texts do not.
    Page { letter, colour, on_colour }.render().unwrap_or_default()
}

/// `#rrggbb` and nothing else: it stands inside `style` attributes.
fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// Whether dark text is read better on it: luma above 60 %.
fn is_light(colour: &str) -> bool {
    let part = |from: usize| {
        let digits = colour.get(from..from.saturating_add(2)).unwrap_or_default();
        u32::from_str_radix(digits, 16).unwrap_or_default()
    };
    let luma = [(1, 299), (3, 587), (5, 114)].map(|(from, weight)| weight * part(from));
    luma.iter().sum::<u32>() > 255 * 600
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_colour_is_a_colour() {
        assert!(is_colour("#1F4e79"));
        for text in ["", "red", "#fff", "#12345", "#1234567", "#12345g", "#1234;}", "1f4e79a"] {
            assert!(!is_colour(text), "{text}");
        }
    }

    #[test]
    fn text_on_a_button_can_be_read() {
        for (colour, light) in [
            ("#ffffff", true),
            ("#ffd400", true),
            ("#8bc34a", true),
            ("#1f4e79", false),
            ("#d32f2f", false),
            ("#000000", false),
        ] {
            assert_eq!(is_light(colour), light, "{colour}");
        }
    }
}
