//! Text messages are paid by segment: 160 characters of the GSM alphabet (3GPP TS 23.038), or
//! 70 UTF-16 units as soon as one character is not in it; 153 and 67 where there are several.

/// How a text message is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// The GSM alphabet with its extension table.
    Gsm7,
    /// Two bytes a character.
    Ucs2,
}

/// What a text message comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// How many messages are paid; nothing for an empty text.
    pub segments: usize,
    /// Septets (an extension character counts two) or UTF-16 units.
    pub units: usize,
}

/// The GSM alphabet without the extension table; the escape itself is no character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table: an escape and a character, never parted by a segment's end.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Septets of a character in the GSM alphabet, where it has it.
fn septets(c: char) -> Option<usize> {
    match c {
        _ if BASIC.contains(c) => Some(1),
        _ if EXTENSION.contains(c) => Some(2),
        _ => None,
    }
}

/// Counts a text's segments. No escape sequence and no surrogate pair is split.
#[must_use]
pub fn sms_segments(text: &str) -> Segments {
    let gsm: Option<Vec<usize>> = text.chars().map(septets).collect();
    match gsm {
        Some(sizes) => counted(Encoding::Gsm7, &sizes, 160, 153),
        None => {
            let sizes: Vec<usize> = text.chars().map(char::len_utf16).collect();
            counted(Encoding::Ucs2, &sizes, 70, 67)
        }
    }
}

/// `single` units fit a message that is alone, `part` units one of several.
fn counted(encoding: Encoding, sizes: &[usize], single: usize, part: usize) -> Segments {
    let units: usize = sizes.iter().sum();
    if units <= single {
        return Segments { encoding, segments: usize::from(units > 0), units };
    }
    let mut segments: usize = 1;
    let mut taken: usize = 0;
    for size in sizes {
        if taken.saturating_add(*size) > part {
            segments = segments.saturating_add(1);
            taken = 0;
        }
        taken = taken.saturating_add(*size);
    }
    Segments { encoding, segments, units }
}

/// The text in letters of the GSM alphabet as far as Latin letters go: `ačiū` is `aciu`.
/// Other scripts stay as they are.
#[must_use]
pub(super) fn transliterate(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if septets(c).is_some() => plain.push(c),
            _ => match replacement(c) {
                Some(letters) => plain.push_str(letters),
                None => plain.push(c),
            },
        }
    }
    plain
}

/// Typographic signs as every telephone has them. Nobody misses them in a text message.
#[must_use]
pub(super) fn plain_signs(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{a0}' | '\u{202f}' | '\u{2009}' => plain.push(' '),
            '„' | '“' | '”' | '«' | '»' => plain.push('"'),
            '‘' | '’' | '‚' => plain.push('\''),
            '–' | '—' | '−' | '\u{2010}' | '\u{2011}' | '•' => plain.push('-'),
            '…' => plain.push_str("..."),
            '×' => plain.push('x'),
            _ => plain.push(c),
        }
    }
    plain
}

/// Latin letters without their signs: Baltic, Romanian, Polish, Czech, Nordic and Western ones.
fn replacement(c: char) -> Option<&'static str> {
    Some(match c {
        'ą' | 'ā' | 'ă' | 'â' | 'á' | 'ã' => "a",
        'Ą' | 'Ā' | 'Ă' | 'Â' | 'Á' | 'À' | 'Ã' => "A",
        'č' | 'ć' | 'ç' => "c",
        'Č' | 'Ć' => "C",
        'ď' | 'đ' => "d",
        'Ď' | 'Đ' => "D",
        'ę' | 'ė' | 'ē' | 'ě' | 'ê' | 'ë' => "e",
        'Ę' | 'Ė' | 'Ē' | 'Ě' | 'Ê' | 'Ë' | 'È' => "E",
        'ģ' | 'ğ' => "g",
        'Ģ' | 'Ğ' => "G",
        'į' | 'ī' | 'î' | 'í' | 'ï' | 'ı' => "i",
        'Į' | 'Ī' | 'Î' | 'Í' | 'Ï' | 'Ì' | 'İ' => "I",
        'ķ' => "k",
        'Ķ' => "K",
        'ļ' | 'ł' | 'ľ' | 'ĺ' => "l",
        'Ļ' | 'Ł' | 'Ľ' | 'Ĺ' => "L",
        'ņ' | 'ń' | 'ň' => "n",
        'Ņ' | 'Ń' | 'Ň' => "N",
        'ō' | 'ó' | 'ô' | 'õ' | 'ő' => "o",
        'Ō' | 'Ó' | 'Ô' | 'Õ' | 'Ő' | 'Ò' => "O",
        'ŗ' | 'ř' | 'ŕ' => "r",
        'Ŗ' | 'Ř' | 'Ŕ' => "R",
        'š' | 'ś' | 'ș' | 'ş' => "s",
        'Š' | 'Ś' | 'Ș' | 'Ş' => "S",
        'ț' | 'ţ' | 'ť' => "t",
        'Ț' | 'Ţ' | 'Ť' => "T",
        'ų' | 'ū' | 'ú' | 'û' | 'ů' | 'ű' => "u",
        'Ų' | 'Ū' | 'Ú' | 'Û' | 'Ů' | 'Ű' | 'Ù' => "U",
        'ý' | 'ÿ' => "y",
        'Ý' => "Y",
        'ž' | 'ź' | 'ż' => "z",
        'Ž' | 'Ź' | 'Ż' => "Z",
        'œ' => "oe",
        'Œ' => "OE",
        '№' => "Nr.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> (Encoding, usize, usize) {
        let counted = sms_segments(text);
        (counted.encoding, counted.segments, counted.units)
    }

    #[test]
    fn a_hundred_and_sixty_letters_are_one_segment_and_one_more_makes_two() {
        assert_eq!(counted(""), (Encoding::Gsm7, 0, 0));
        assert_eq!(counted(&"a".repeat(160)), (Encoding::Gsm7, 1, 160));
        assert_eq!(counted(&"a".repeat(161)), (Encoding::Gsm7, 2, 161));
        assert_eq!(counted(&"a".repeat(306)), (Encoding::Gsm7, 2, 306));
        assert_eq!(counted(&"a".repeat(307)), (Encoding::Gsm7, 3, 307));
    }

    #[test]
    fn extension_characters_count_two_and_are_never_split() {
        assert_eq!(counted("€"), (Encoding::Gsm7, 1, 2));
        assert_eq!(counted("^{}\\[~]|€\u{c}"), (Encoding::Gsm7, 1, 20));
        assert_eq!(counted(&"€".repeat(80)), (Encoding::Gsm7, 1, 160));
        // 76 euro signs fill 152 of 153: the last septet of each segment stays empty.
        assert_eq!(counted(&"€".repeat(152)), (Encoding::Gsm7, 2, 304));
        assert_eq!(counted(&"€".repeat(153)), (Encoding::Gsm7, 3, 306));
        let across = format!("{}€{}", "a".repeat(152), "a".repeat(152));
        assert_eq!(counted(&across), (Encoding::Gsm7, 3, 306));
    }

    #[test]
    fn one_foreign_letter_makes_the_whole_message_wide() {
        assert_eq!(counted(&format!("ą{}", "a".repeat(69))), (Encoding::Ucs2, 1, 70));
        assert_eq!(counted(&format!("ą{}", "a".repeat(70))), (Encoding::Ucs2, 2, 71));
        assert_eq!(counted(&"я".repeat(134)), (Encoding::Ucs2, 2, 134));
        assert_eq!(counted(&"я".repeat(135)), (Encoding::Ucs2, 3, 135));
        // The escape is no character, and ç is not the alphabet's Ç.
        assert_eq!(counted("\u{1b}").0, Encoding::Ucs2);
        assert_eq!((counted("ç").0, counted("Ç").0), (Encoding::Ucs2, Encoding::Gsm7));
    }

    #[test]
    fn surrogate_pairs_count_two_and_are_never_split() {
        assert_eq!(counted("🫖"), (Encoding::Ucs2, 1, 2));
        assert_eq!(counted(&"🫖".repeat(35)), (Encoding::Ucs2, 1, 70));
        // 33 pairs fill 66 of 67.
        assert_eq!(counted(&"🫖".repeat(66)), (Encoding::Ucs2, 2, 132));
        assert_eq!(counted(&"🫖".repeat(67)), (Encoding::Ucs2, 3, 134));
    }

    #[test]
    fn lithuanian_and_romanian_fit_the_gsm_alphabet_without_their_signs() {
        let lithuanian = transliterate("ĄČĘĖĮŠŲŪŽ ąčęėįšųūž");
        assert_eq!(lithuanian, "ACEEISUUZ aceeisuuz");
        let romanian = transliterate("ĂÂÎȘȚŞŢ ăâîșțşţ");
        assert_eq!(romanian, "AAISTST aaistst");
        assert_eq!(transliterate("Привет, Öl"), "Привет, Öl");
        assert_eq!(plain_signs("„10\u{a0}€“ – 2 × 5…"), "\"10 €\" - 2 x 5...");
        let plain = format!("{lithuanian}{romanian}");
        assert_eq!(sms_segments(&plain).encoding, Encoding::Gsm7);
    }
}
