//! What was probably meant by a misspelt word.

/// How many characters of a foreign text a message repeats.
const SHORT_CHARACTERS_MAX: usize = 60;
/// How many names a message lists.
const LISTED_MAX: usize = 40;
/// Words longer than this are not compared: nobody misspells that much.
const COMPARED_CHARACTERS_MAX: usize = 60;

/// The sentence that helps with a word that is not among the known ones.
#[must_use]
pub fn remedy(word: &str, known: &[&str]) -> String {
    match (nearest(word, known), known) {
        (Some(meant), _) => format!("Did you mean `{meant}`?"),
        (None, []) => "Take it away.".to_owned(),
        (None, [only]) => format!("Write `{only}`."),
        (None, _) => format!("Write one of {}.", list(known)),
    }
}

/// The known word that is nearest, if it is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = fold(word);
    let length = folded.chars().count();
    if length > COMPARED_CHARACTERS_MAX {
        return None;
    }
    // One slip in a short word, two in a longer one, three in a long one.
    let allowed = match length {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    known
        .iter()
        .map(|candidate| (distance(&folded, &fold(candidate)), *candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The names one after the other, `a, b, c`.
#[must_use]
pub fn list(names: &[&str]) -> String {
    let mut text = names.iter().take(LISTED_MAX).copied().collect::<Vec<_>>().join(", ");
    if names.len() > LISTED_MAX {
        text.push_str(", …");
    }
    text
}

/// A foreign text, short and on one line, so that a message stays readable.
#[must_use]
pub fn short(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(SHORT_CHARACTERS_MAX).map(clean).collect();
    if text.chars().nth(SHORT_CHARACTERS_MAX).is_some() {
        short.push('…');
    }
    short
}

/// Capitals and hyphens are not worth a slip.
fn fold(word: &str) -> String {
    word.trim()
        .chars()
        .map(|c| if c == '-' || c == ' ' { '_' } else { c })
        .collect::<String>()
        .to_lowercase()
}

/// Slips between two words: a letter too many, too few, another, or two exchanged
/// (Damerau–Levenshtein, optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (row, a_letter) in a.chars().enumerate() {
        let mut current = vec![row.saturating_add(1)];
        let mut previous_b = None;
        for (column, b_letter) in b.iter().copied().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let next = column.saturating_add(1);
            let exchanged = usize::from(a_letter != b_letter);
            let mut best = at(&last, column)
                .saturating_add(exchanged)
                .min(at(&last, next).saturating_add(1))
                .min(at(&current, column).saturating_add(1));
            if previous_a == Some(b_letter) && previous_b == Some(a_letter) {
                best = best.min(at(&before_last, column.saturating_sub(1)).saturating_add(1));
            }
            current.push(best);
            previous_b = Some(b_letter);
        }
        before_last = std::mem::replace(&mut last, current);
        previous_a = Some(a_letter);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_that_was_meant_and_another_word_does_not() {
        let known = ["awaiting_payment", "confirmed", "paid_in_full", "ok", "mon"];
        for (word, meant) in [
            ("awaiting_payement", Some("awaiting_payment")),
            ("Confirmed", Some("confirmed")),
            ("cofnirmed", Some("confirmed")),
            ("paid-in-full", Some("paid_in_full")),
            ("okay", None),
            ("mno", Some("mon")),
            ("shipped", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), meant, "{word}");
        }
    }

    #[test]
    fn two_exchanged_letters_are_one_slip() {
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
