//! Countries of ISO 3166-1, and what their postal codes look like.

/// Officially assigned alpha-2 codes, and `XK`: Kosovo has none, and parcels go there all the same.
const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Whether this is a country's two capital letters.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && COUNTRIES.split(' ').any(|country| country == code)
}

/// The code that was probably meant: the same letters in capitals, or what people write instead.
#[must_use]
pub fn suggested(code: &str) -> Option<String> {
    let upper = code.trim().to_ascii_uppercase();
    let meant = match upper.as_str() {
        "UK" => "GB",
        "EL" => "GR",
        "USA" => "US",
        "LTU" => "LT",
        "LVA" => "LV",
        "EST" => "EE",
        "DEU" => "DE",
        "POL" => "PL",
        "ROU" => "RO",
        "RUS" => "RU",
        other => other,
    };
    is_country(meant).then(|| meant.to_owned())
}

/// Postal codes by country, one a line: the forms that are right (`9` a digit, `A` a letter,
/// anything else itself), and last an example. A country that is not here is not checked.
///
/// Forms from the Universal Postal Union's addressing guides.
const POSTAL_CODES: &[(&str, &[&str], &str)] = &[
    ("AD", &["AD999"], "AD500"),
    ("AT", &["9999"], "1010"),
    ("AU", &["9999"], "2000"),
    ("BA", &["99999"], "71000"),
    ("BE", &["9999"], "1000"),
    ("BG", &["9999"], "1000"),
    ("BR", &["99999-999", "99999999"], "01310-100"),
    ("BY", &["999999"], "220030"),
    ("CA", &["A9A 9A9", "A9A9A9"], "K1A 0B1"),
    ("CH", &["9999"], "8001"),
    ("CN", &["999999"], "100000"),
    ("CY", &["9999"], "1010"),
    ("CZ", &["999 99", "99999"], "110 00"),
    ("DE", &["99999"], "10115"),
    ("DK", &["9999"], "1050"),
    ("EE", &["99999"], "10111"),
    ("ES", &["99999"], "28001"),
    ("FI", &["99999"], "00100"),
    ("FR", &["99999"], "75001"),
    (
        "GB",
        &[
            "A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA", "A99AA", "A999AA",
            "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA",
        ],
        "SW1A 1AA",
    ),
    ("GE", &["9999"], "0105"),
    ("GR", &["999 99", "99999"], "104 31"),
    ("HR", &["99999"], "10000"),
    ("HU", &["9999"], "1011"),
    ("IL", &["9999999", "99999"], "9414001"),
    ("IN", &["999999", "999 999"], "110001"),
    ("IS", &["999"], "101"),
    ("IT", &["99999"], "00118"),
    ("JP", &["999-9999", "9999999"], "100-0001"),
    ("KR", &["99999"], "03045"),
    ("KZ", &["999999", "A99A9A9"], "010000"),
    ("LI", &["9999"], "9490"),
    ("LT", &["LT-99999", "99999", "LT99999"], "LT-01103"),
    ("LU", &["9999", "L-9999"], "1009"),
    ("LV", &["LV-9999", "9999", "LV9999"], "LV-1010"),
    ("MC", &["98099"], "98000"),
    ("MD", &["MD-9999", "9999", "MD9999"], "MD-2001"),
    ("ME", &["99999"], "81000"),
    ("MK", &["9999"], "1000"),
    ("MT", &["AAA 9999", "AAA9999"], "VLT 1117"),
    ("MX", &["99999"], "01000"),
    ("NL", &["9999 AA", "9999AA"], "1012 JS"),
    ("NO", &["9999"], "0150"),
    ("NZ", &["9999"], "6011"),
    ("PL", &["99-999"], "00-950"),
    ("PT", &["9999-999", "9999"], "1000-001"),
    ("RO", &["999999"], "010011"),
    ("RS", &["99999", "999999"], "11000"),
    ("RU", &["999999"], "101000"),
    ("SE", &["999 99", "99999"], "111 20"),
    ("SG", &["999999"], "018956"),
    ("SI", &["9999", "SI-9999"], "1000"),
    ("SK", &["999 99", "99999"], "811 01"),
    ("TR", &["99999"], "06010"),
    ("UA", &["99999"], "01001"),
    ("US", &["99999", "99999-9999"], "10001"),
    ("UZ", &["999999"], "100000"),
];

/// What is known of a country's postal code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PostalCode {
    /// It has one of the country's forms.
    Right,
    /// It does not; a right one looks like this.
    Wrong {
        /// A postal code of that country, nobody's in particular.
        example: &'static str,
    },
    /// The country's forms are not known here.
    Unknown,
}

/// Compares a postal code with its country's forms; spaces around it and small letters are no
/// mistake.
#[must_use]
pub fn postal_code(country: &str, code: &str) -> PostalCode {
    let Some((_, forms, example)) = POSTAL_CODES.iter().find(|(name, _, _)| *name == country)
    else {
        return PostalCode::Unknown;
    };
    let code = code.trim().to_ascii_uppercase();
    match forms.iter().any(|form| has_form(&code, form)) {
        true => PostalCode::Right,
        false => PostalCode::Wrong { example },
    }
}

fn has_form(code: &str, form: &str) -> bool {
    // `L` of `LT-99999` stands for itself: only `9` and `A` are placeholders, and no country's
    // own letters begin with an A but Andorra's, whose A is a letter too.
    let fits = |(c, f): (char, char)| match f {
        '9' => c.is_ascii_digit(),
        'A' => c.is_ascii_uppercase(),
        itself => c == itself,
    };
    code.chars().count() == form.chars().count() && code.chars().zip(form.chars()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_249_countries_in_order_and_kosovo() {
        let all: Vec<&str> = COUNTRIES.split(' ').collect();
        assert_eq!(all.len(), 250);
        assert!(all.is_sorted_by(|a, b| a < b));
        for code in ["LT", "RU", "US", "GB", "XK"] {
            assert!(is_country(code), "{code}");
        }
        for code in ["", "lt", "UK", "ZZ", "XX", "EU", "LTU", "L", " ", "T ", "D AE"] {
            assert!(!is_country(code), "{code}");
        }
        assert_eq!(suggested("lt").as_deref(), Some("LT"));
        assert_eq!(suggested("uk").as_deref(), Some("GB"));
        assert_eq!(suggested("Narnia"), None);
    }

    #[test]
    fn every_form_belongs_to_a_country_and_its_example_is_right() {
        assert!(POSTAL_CODES.is_sorted_by_key(|(country, _, _)| *country));
        for (country, _, example) in POSTAL_CODES {
            assert!(is_country(country), "{country}");
            assert_eq!(postal_code(country, example), PostalCode::Right, "{country}");
        }
    }

    #[test]
    fn postal_codes_are_compared_with_their_country_s_forms() {
        for (country, code, is_right) in [
            ("LT", "01103", true),
            ("LT", "LT-01103", true),
            ("LT", " lt-01103 ", true),
            ("LT", "1103", false),
            ("LT", "LV-01103", false),
            ("LV", "LV-1010", true),
            ("LV", "10100", false),
            ("EE", "10111", true),
            ("PL", "00-950", true),
            ("PL", "00950", false),
            ("DE", "10115", true),
            ("DE", "D-10115", false),
            ("RO", "010011", true),
            ("RU", "101000", true),
            ("RU", "10100", false),
            ("US", "10001-1234", true),
            ("US", "1000", false),
            ("GB", "SW1A 1AA", true),
            ("GB", "m1 1ae", true),
            ("GB", "12345", false),
            ("FR", "75 001", false),
            ("FR", "٧٥٠٠١", false),
            ("NL", "1012 JS", true),
        ] {
            let found = postal_code(country, code);
            assert_eq!(found == PostalCode::Right, is_right, "{country} {code}");
        }
        assert_eq!(postal_code("IE", "anything"), PostalCode::Unknown);
    }
}
