//! What a text may hold, and which word was probably meant.

/// What is wrong with a text, if anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextFault {
    /// More characters than allowed.
    TooLong,
    /// NUL, or another control character.
    Control,
    /// A character that turns the direction of what follows (Unicode's `Bidi_Control`).
    Bidirectional,
}

/// Whether a text has one line or several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lines {
    /// No line breaks.
    One,
    /// Line breaks and tabs are part of it.
    Many,
}

/// Looks for the first fault of a text. Letters of every script are welcome.
#[must_use]
pub fn fault(text: &str, characters_max: usize, lines: Lines) -> Option<TextFault> {
    let is_control = |c: char| {
        let is_layout = matches!(c, '\n' | '\r' | '\t') && lines == Lines::Many;
        c.is_control() && !is_layout
    };
    if text.chars().any(is_control) {
        return Some(TextFault::Control);
    }
    if text.chars().any(is_bidirectional_control) {
        return Some(TextFault::Bidirectional);
    }
    (text.chars().count() > characters_max).then_some(TextFault::TooLong)
}

/// Unicode's property `Bidi_Control`: all twelve of them.
#[must_use]
pub fn is_bidirectional_control(c: char) -> bool {
    let is_mark = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}');
    is_mark || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether somebody sees this character: no space, no control, nothing of no width.
#[must_use]
pub fn is_visible(c: char) -> bool {
    let has_no_width = matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
    );
    !c.is_whitespace() && !c.is_control() && !has_no_width
}

/// Words and names longer than this are not guessed at.
const GUESS_CHARACTERS_MAX: usize = 40;

/// The one of `known` that was probably meant: written alike but for case and signs, or with few
/// letters changed, added, left out or swapped.
#[must_use]
pub fn did_you_mean<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    if text.chars().count() > GUESS_CHARACTERS_MAX {
        return None;
    }
    let plain = plain(text);
    let near = |word: &&'k str| {
        let distance = distance(&plain, &self::plain(word));
        // One slip in a short word, two in a long one, and never a whole other word.
        let allowed = if word.chars().count() < 5 { 1 } else { 2 };
        (distance <= allowed && distance < plain.len()).then_some((distance, *word))
    };
    known.iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

/// `unitPrice`, `unit-price` and `Unit_Price` are all `unitprice`.
fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Letters to change, add, leave out or swap with the next (optimal string alignment).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row.saturating_add(1)];
        for (column, other) in to.iter().enumerate() {
            let at =
                |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX);
            let next = column.saturating_add(1);
            let change = at(&last, column).saturating_add(usize::from(letter != other));
            let add = at(&current, column).saturating_add(1);
            let leave_out = at(&last, next).saturating_add(1);
            let is_swap = row > 0
                && column > 0
                && from.get(row.saturating_sub(1)) == Some(other)
                && to.get(column.saturating_sub(1)) == Some(letter);
            let swap = if is_swap {
                at(&before_last, column.saturating_sub(1)).saturating_add(1)
            } else {
                usize::MAX
            };
            current.push(change.min(add).min(leave_out).min(swap));
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_is_welcome_and_what_nobody_sees_is_not() {
        for text in ["Ona Kazlauskienė", "Иван", "שרה כהן", "محمد", "李雷", "O’Brien-Ñ", "👍", ""]
        {
            assert_eq!(fault(text, 100, Lines::One), None, "{text}");
        }
        for (text, found) in [
            ("a\0b", TextFault::Control),
            ("a\nb", TextFault::Control),
            ("a\u{85}b", TextFault::Control),
            ("a\u{7f}", TextFault::Control),
            ("\u{202E}cod.exe", TextFault::Bidirectional),
            ("\u{2066}a\u{2069}", TextFault::Bidirectional),
            ("a\u{200F}", TextFault::Bidirectional),
            ("abcd", TextFault::TooLong),
            ("аааа", TextFault::TooLong),
        ] {
            assert_eq!(fault(text, 3, Lines::One), Some(found), "{text:?}");
        }
        assert_eq!(fault("a\r\n\tb", 9, Lines::Many), None);
        assert_eq!(fault("a\0", 9, Lines::Many), Some(TextFault::Control));
    }

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        let known = ["quantity", "unit_price", "sku", "line", "tax_rate", "external_id"];
        for (text, meant) in [
            ("qauntity", Some("quantity")),
            ("quantiy", Some("quantity")),
            ("unitPrice", Some("unit_price")),
            ("Unit-Price", Some("unit_price")),
            ("SKU", Some("sku")),
            ("skus", Some("sku")),
            ("lines", Some("line")),
            ("externalId", Some("external_id")),
            ("colour", None),
            ("", None),
            ("x", None),
            ("id", None),
        ] {
            assert_eq!(did_you_mean(text, &known), meant, "{text}");
        }
        assert_eq!(did_you_mean("o", &["to"]), None);
        assert_eq!(did_you_mean(&"q".repeat(100_000), &known), None);
    }
}
