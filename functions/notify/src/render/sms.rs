//! Text messages: short, and in as few segments as the language allows.

use super::fill::{Values, fill};
use super::segments::{Encoding, plain_signs, sms_segments, transliterate};
use super::values::one_line;

/// Characters of the seller's name in a text message.
const SELLER_CHARACTERS_MAX: usize = 24;

/// Puts the parts together and leaves out the last ones until the message is short enough:
/// `limit` segments, one more where the script has 67 letters a segment. The first part, which
/// names seller and order, is always there.
pub(super) fn sms(parts: &[&str], values: &Values, limit: usize) -> String {
    let values = values.map(|name, value| match name {
        "seller" => value.chars().take(SELLER_CHARACTERS_MAX).collect::<String>().trim().to_owned(),
        _ => value.to_owned(),
    });
    let mut parts: Vec<String> = parts.iter().filter_map(|part| fill(part, &values)).collect();
    loop {
        let text = shortest(&one_line(&parts.join(" ")));
        let size = sms_segments(&text);
        let limit = match size.encoding {
            Encoding::Gsm7 => limit,
            Encoding::Ucs2 => limit.saturating_add(1),
        };
        if size.segments <= limit || parts.len() <= 1 {
            return text;
        }
        parts.pop();
    }
}

/// The text as it is written, or in plain Latin letters where that takes fewer segments.
fn shortest(text: &str) -> String {
    let text = plain_signs(text);
    let plain = transliterate(&text);
    if sms_segments(&plain).segments < sms_segments(&text).segments { plain } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(seller: &str) -> Values {
        let mut values = Values::default();
        values.set("seller", seller.to_owned());
        values.set("number", "7KQ4M2XD9T-C".to_owned());
        values
    }

    #[test]
    fn a_short_message_keeps_its_letters_and_a_long_one_gives_them_up() {
        let short = sms(&["{seller}: užsakymas {number} išsiųstas."], &values("Arbata"), 1);
        assert_eq!(short, "Arbata: užsakymas 7KQ4M2XD9T-C išsiųstas.");
        let long = ["{seller}: užsakymas {number} išsiųstas.", "Siuntą netrukus gausite, ačiū!"];
        let long = sms(&long, &values("Arbata"), 1);
        assert_eq!(
            long,
            "Arbata: uzsakymas 7KQ4M2XD9T-C issiustas. Siunta netrukus gausite, aciu!"
        );
    }

    #[test]
    fn what_does_not_fit_is_left_out_from_the_end() {
        let tail = "x".repeat(150);
        let text = sms(&["{seller}: {number}.", "Thanks.", &tail], &values("Tea"), 1);
        assert_eq!(text, "Tea: 7KQ4M2XD9T-C. Thanks.");
        let text = sms(&["{seller}: {number}.", "Thanks.", &tail], &values("Tea"), 2);
        assert!(text.ends_with(&tail));
    }

    #[test]
    fn a_long_name_of_the_seller_is_cut() {
        let text = sms(&["{seller}: {number}."], &values(&"Green Tea ".repeat(10)), 1);
        assert_eq!(text, "Green Tea Green Tea Gree: 7KQ4M2XD9T-C.");
    }
}
