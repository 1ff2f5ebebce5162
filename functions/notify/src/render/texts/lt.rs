//! Lithuanian: what customers read. What the house and partners read is in `lt_house.rs`.

use super::super::locale::{Figures, Locale};
use super::super::shape::Label;
use super::super::template::Template;
use super::{Language, Message, Words, lt_house};
use ordermill_domain::order::{DeliveryMethod, Terms};
use ordermill_views::dates;

pub(super) const LITHUANIAN: Language = Language {
    locale: Locale::Lt,
    words: WORDS,
    message,
    label,
    delivery,
    terms,
    happened: lt_house::happened,
    next: lt_house::next,
    reasons: REASONS,
    needs: NEEDS,
    matters: lt_house::MATTERS,
};

const WORDS: Words = Words {
    figures: Figures { decimal: ',', group: '\u{a0}', sign_first: false, signs: &[] },
    months: dates::LT.months,
    date: dates::LT.form,
    moment: "{date} {time}\u{a0}val.",
    short: "{month}-{day2} {time}",
    greeting: "Laba diena,",
    questions: "Turite klausimų? Mielai padėsime: {contact}.",
    ask_how_to_pay: "Kaip sumokėti, prašome klausti mūsų: {contact}.",
    more_lines: "Kitos čia nerodomos eilutės: {count}.",
    vat_id: "PVM mokėtojo kodas {vat_id}",
};

fn message(template: Template) -> Message {
    match template {
        Template::OrderReceived => Message {
            subject: &["Gavome Jūsų užsakymą {number}"],
            title: &["Dėkojame už užsakymą"],
            body: &["Gavome Jūsų užsakymą {number} ir jį tikriname. Apie kiekvieną tolesnį \
                     žingsnį Jums parašysime."],
            sms: &["{seller}: gavome Jūsų užsakymą {number}.", "Suma {total}.", "{follow}"],
        },
        Template::DataNeeded => Message {
            subject: &[
                "{?needs}Užsakymas {number}: reikia patikslinti duomenis",
                "{?answer}Užsakymas {number}: laukiame Jūsų atsakymo",
                "Jūsų užsakymas {number}",
            ],
            title: &[
                "{?needs}Reikia patikslinti duomenis",
                "{?answer}Laukiame Jūsų atsakymo",
                "Jūsų užsakymas dar tikrinamas",
            ],
            body: &[
                "{?needs}Kad galėtume toliau vykdyti užsakymą {number}, prašome Jūsų pagalbos:",
                "{needs}",
                "{?needs}Prašome atsakyti į šį laišką arba mums paskambinti.",
                "{?answer}Kad galėtume toliau vykdyti užsakymą {number}, laukiame Jūsų atsakymo. \
                 Prašome atsakyti į šį laišką arba mums paskambinti.",
                "{!needs}{!answer}Jūsų užsakymo {number} tikrinimas užtrunka ilgiau nei įprastai. Jums \
                 nieko daryti nereikia – parašysime, kai tik galėsime jį vykdyti toliau.",
            ],
            sms: &[
                "{?needs}{seller}: kad galėtume vykdyti užsakymą {number}, reikia patikslinti \
                 duomenis. Prašome susisiekti su mumis.",
                "{?answer}{seller}: kad galėtume vykdyti užsakymą {number}, laukiame Jūsų \
                 atsakymo. Prašome susisiekti su mumis.",
                "{!needs}{!answer}{seller}: užsakymo {number} tikrinimas užtrunka ilgiau nei įprastai. \
                 Parašysime, kai tik galėsime tęsti.",
                "{phone}",
            ],
        },
        Template::Backordered => Message {
            subject: &[
                "{?ready}Dalis užsakymo {number} prekių atkeliaus vėliau",
                "Užsakymas {number} laukia prekių",
            ],
            title: &["{?ready}Dalis prekių atkeliaus vėliau", "Laukiame prekių"],
            body: &[
                "{?ready}Kai kurių Jūsų užsakymo {number} prekių šiuo metu neturime. Kitos \
                 rezervuotos Jums.",
                "{!ready}Jūsų užsakymo {number} prekių šiuo metu neturime.",
                "Gautas prekes skiriame laukiantiems iš eilės. Parašysime Jums, kai tik Jūsų \
                 prekės bus gautos arba pasikeis data.",
            ],
            sms: &[
                "{?ready}{seller}: dalis užsakymo {number} prekių atkeliaus vėliau.",
                "{!ready}{seller}: užsakymas {number} laukia prekių.",
                "Numatoma data: {announced}.",
                "Parašysime, kai prekės bus gautos.",
            ],
        },
        Template::StockArrived => Message {
            subject: &["Gautos užsakymo {number} prekės"],
            title: &["Jūsų prekės gautos"],
            body: &[
                "{!waiting}Visos Jūsų užsakymo {number} prekės dabar rezervuotos Jums.",
                "{?waiting}Gauta ir Jums rezervuota daugiau užsakymo {number} prekių. Likusios \
                 atkeliaus vėliau.",
            ],
            sms: &[
                "{!waiting}{seller}: visos užsakymo {number} prekės dabar rezervuotos Jums.",
                "{?waiting}{seller}: Jums rezervuota daugiau užsakymo {number} prekių. Likusios \
                 atkeliaus vėliau.",
            ],
        },
        Template::PaymentRequest => Message {
            subject: &["{?owing}Užsakymo {number} apmokėjimas: {owing}", "Jūsų užsakymas {number}"],
            title: &["Prašome sumokėti {owing}", "Mokėti nebereikia"],
            body: &[
                "{?owing}Jūsų užsakymas {number} paruoštas apmokėti.",
                "{?owing}Prašome sumokėti iki {due}. Iki tol prekes laikysime Jums.",
                "Dar {later} reikės sumokėti, kai prekės bus paruoštos, prieš jas išsiunčiant.",
                "{!owing}Jūsų užsakymas {number} apmokėtas. Dėkojame!",
            ],
            sms: &[
                "{seller}: prašome sumokėti {owing} už užsakymą {number}.",
                "{!owing}{seller}: Jūsų užsakymas {number} apmokėtas. Dėkojame!",
                "{?owing}Iki {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PaymentReminder => Message {
            subject: &[
                "{?owing}Primename: laukiame užsakymo {number} apmokėjimo",
                "Jūsų užsakymas {number} apmokėtas",
            ],
            title: &["{?owing}Laukiame apmokėjimo", "Mokėti nebereikia"],
            body: &[
                "{?owing}{!received}Užsakymo {number} apmokėjimo dar negavome.",
                "{?owing}{?received}Gavome tik dalį užsakymo {number} apmokėjimo.",
                "{?owing}Prašome sumokėti iki {due}. Iki tol prekes laikysime Jums.",
                "{?owing}Jei tuo metu jau sumokėjote, daugiau nieko daryti nereikia.",
                "{!owing}Jūsų užsakymas {number} apmokėtas. Dėkojame!",
            ],
            sms: &[
                "{seller}: primename, kad už užsakymą {number} liko sumokėti {owing}.",
                "{!owing}{seller}: Jūsų užsakymas {number} apmokėtas. Dėkojame!",
                "{?owing}Iki {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PartlyPaid => Message {
            subject: &["Gavome dalį užsakymo {number} apmokėjimo"],
            title: &["{?owing}Liko sumokėti {owing}", "Dėkojame už apmokėjimą"],
            body: &[
                "Už užsakymą {number} gavome {amount}. Dėkojame!",
                "{!amount}Gavome dalį užsakymo {number} apmokėjimo. Dėkojame!",
                "{?owing}Iš visos sumos liko sumokėti {owing}.",
                "{?owing}Likusią sumą prašome sumokėti iki {due}.",
            ],
            sms: &[
                "{?amount}{seller}: už užsakymą {number} gavome {amount}.",
                "{!amount}{seller}: gavome dalį užsakymo {number} apmokėjimo.",
                "Liko sumokėti {owing}.",
                "{?owing}Iki {due_short}.",
                "{?owing}{pay_link}",
            ],
        },
        Template::DepositPaid => Message {
            subject: &["Gavome užsakymo {number} avansą"],
            title: &["Dėkojame už avansą"],
            body: &[
                "Gavome {amount}.",
                "Pradedame ruošti Jūsų užsakymą {number}.",
                "{?revived}Jis buvo atšauktas; gavę Jūsų mokėjimą, jį vykdome.",
                "{not_returned}, kuriuos ketinome grąžinti, lieka šiam užsakymui.",
                "{?owing}Prieš perduodant prekes liks sumokėti {owing}. Parašysime Jums, kai jos bus \
                 paruoštos.",
            ],
            sms: &[
                "{seller}: dėkojame, gavome užsakymo {number} avansą.",
                "Vėliau liks sumokėti {owing}.",
                "{follow}",
            ],
        },
        Template::BalanceRequest => Message {
            subject: &[
                "{?owing}Užsakymas {number} paruoštas: liko sumokėti {owing}",
                "Jūsų užsakymas {number} apmokėtas",
            ],
            title: &["Prašome sumokėti {owing}", "Mokėti nebereikia"],
            body: &[
                "{?owing}Jūsų užsakymo {number} prekės paruoštos. Gausite jas, kai bus sumokėta likusi \
                 suma.",
                "{?owing}Prašome sumokėti iki {due}. Iki tol prekes laikysime Jums.",
                "{!owing}Jūsų užsakymas {number} apmokėtas. Dėkojame!",
            ],
            sms: &[
                "{seller}: užsakymas {number} paruoštas, prašome sumokėti {owing}.",
                "{!owing}{seller}: Jūsų užsakymas {number} apmokėtas. Dėkojame!",
                "{?owing}Iki {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::Paid => Message {
            subject: &["Užsakymas {number} apmokėtas"],
            title: &["Dėkojame už apmokėjimą"],
            body: &[
                "Gavome {amount}.",
                "Visa Jūsų užsakymo {number} suma sumokėta.",
                "{?revived}Jis buvo atšauktas; gavę Jūsų mokėjimą, jį vykdome.",
                "{not_returned}, kuriuos ketinome grąžinti, lieka šiam užsakymui.",
                "{?to_send}{!fetched}Parašysime Jums, kai jis bus išsiųstas.",
                "{?to_send}{?fetched}Parašysime Jums, kai jį bus galima atsiimti.",
            ],
            sms: &[
                "{seller}: dėkojame, Jūsų užsakymas {number} apmokėtas.",
                "Suma {total}.",
                "{follow}",
            ],
        },
        Template::PaymentReceived => Message {
            subject: &[
                "{?was_closed}Jūsų mokėjimas už uždarytą užsakymą {number}",
                "Gavome dar vieną mokėjimą už užsakymą {number}",
            ],
            title: &["{?was_closed}Gavome Jūsų mokėjimą", "Gavome dar vieną mokėjimą"],
            body: &[
                "{!was_closed}Gavome {amount} už užsakymą {number}, kuris jau buvo apmokėtas.",
                "{?was_closed}Gavome {amount} už užsakymą {number}, kuris jau buvo uždarytas.",
                "{!was_closed}{!amount}Gavome dar vieną mokėjimą už užsakymą {number}, kuris jau buvo \
                 apmokėtas.",
                "{?refund}Jums grąžinsime {refund}.",
            ],
            sms: &[
                "{?was_closed}{seller}: gavome Jūsų mokėjimą už uždarytą užsakymą {number}.",
                "{!was_closed}{seller}: gavome dar vieną mokėjimą už apmokėtą užsakymą {number}.",
                "Grąžinsime {refund}.",
            ],
        },
        Template::BeingAssembled => Message {
            subject: &["Komplektuojame Jūsų užsakymą {number}"],
            title: &["Jūsų užsakymas komplektuojamas"],
            body: &[
                "Jūsų užsakymas {number} komplektuojamas.",
                "{!fetched}Parašysime Jums, kai jis bus išsiųstas.",
                "{?fetched}Parašysime Jums, kai jį bus galima atsiimti.",
            ],
            sms: &["{seller}: komplektuojame Jūsų užsakymą {number}.", "{follow}"],
        },
        Template::HandedOver => Message {
            subject: &["{?rest}Dalis užsakymo {number} išsiųsta", "Užsakymas {number} išsiųstas"],
            title: &["{?rest}Dalis Jūsų užsakymo išsiųsta", "Jūsų užsakymas išsiųstas"],
            body: &[
                "{!rest}Jūsų užsakymą {number} perdavėme vežėjui.",
                "{?rest}Dalį Jūsų užsakymo {number} perdavėme vežėjui. Likusias prekes \
                 išsiųsime atskirai.",
                "{?collect}Atsiimant reikės sumokėti {collect}.",
            ],
            sms: &[
                "{!rest}{seller}: Jūsų užsakymas {number} išsiųstas.",
                "{?rest}{seller}: dalis Jūsų užsakymo {number} išsiųsta.",
                "{carrier} {tracking}.",
                "Atsiimant sumokėti {collect}.",
                "{follow}",
            ],
        },
        Template::ReadyForPickup => Message {
            subject: &["Užsakymą {number} jau galite atsiimti"],
            title: &["Jūsų užsakymas paruoštas atsiimti"],
            body: &[
                "Savo užsakymą {number} jau galite atsiimti. Prašome su savimi turėti užsakymo \
                 numerį.",
                "{?collect}Atsiimant reikės sumokėti {collect}.",
            ],
            sms: &[
                "{seller}: užsakymą {number} jau galite atsiimti.",
                "Sumokėti {collect}.",
                "{place}",
            ],
        },
        Template::CourierNear => Message {
            subject: &["Kurjeris netrukus atveš užsakymą {number}"],
            title: &["Kurjeris jau netoli"],
            body: &[
                "Kurjeris atveš Jūsų užsakymą {number} apie {expected_time}\u{a0}val.",
                "{!expected_time}Kurjeris atveš Jūsų užsakymą {number} per valandą.",
                "{?collect}Prašome paruošti {collect}.",
            ],
            sms: &[
                "{seller}: kurjeris atveš Jūsų užsakymą {number} apie {expected_time}\u{a0}val.",
                "{!expected_time}{seller}: kurjeris atveš Jūsų užsakymą {number} per valandą.",
                "Sumokėti {collect}.",
            ],
        },
        Template::Late => Message {
            subject: &["Užsakymas {number} vėluoja"],
            title: &["Jūsų užsakymas vėluoja"],
            body: &[
                "Jūsų užsakymas {number} užtruks ilgiau, nei žadėjome. Atsiprašome.",
                "{?announced}Nauja data: {announced}.",
                "{!announced}Parašysime Jums, kai tik sužinosime naują datą.",
            ],
            sms: &[
                "{seller}: atsiprašome, Jūsų užsakymas {number} vėluoja.",
                "Nauja data: {announced}.",
            ],
        },
        Template::Cancelled => Message {
            subject: &["Užsakymas {number} atšauktas"],
            title: &["{?refused}Negalime įvykdyti Jūsų užsakymo", "Jūsų užsakymas atšauktas"],
            body: &[
                "{!refused}Jūsų užsakymas {number} atšauktas.",
                "{?refused}Apgailestaujame, kad negalime įvykdyti Jūsų užsakymo {number}.",
                "{?refund}Jums grąžinsime {refund}.",
                "{?again}Jei prekių vis dar norite, prašome jas užsakyti iš naujo.",
            ],
            sms: &[
                "{seller}: Jūsų užsakymas {number} atšauktas.",
                "Priežastis: {reason}.",
                "Grąžinsime {refund}.",
            ],
        },
        Template::RefundOwed => Message {
            subject: &["Grąžinsime pinigus už užsakymą {number}"],
            title: &["Jums grąžinsime {due_back}", "Jums grąžinsime pinigus"],
            body: &[
                "Už užsakymą {number} Jums grąžinsime {due_back}.",
                "{!due_back}Už užsakymą {number} Jums grąžinsime pinigus.",
                "Parašysime Jums, kai pinigai bus išsiųsti.",
            ],
            sms: &[
                "{seller}: už užsakymą {number} Jums grąžinsime {due_back}.",
                "{!due_back}{seller}: už užsakymą {number} Jums grąžinsime pinigus.",
            ],
        },
        Template::Refunded => Message {
            subject: &["Grąžinome pinigus už užsakymą {number}"],
            title: &["Grąžinome Jums {amount}", "Grąžinome Jums pinigus"],
            body: &[
                "Už užsakymą {number} grąžinome Jums {amount}.",
                "{!amount}Už užsakymą {number} grąžinome Jums pinigus.",
                "Gali praeiti kelios dienos, kol pinigai pasieks Jūsų sąskaitą.",
            ],
            sms: &[
                "{seller}: už užsakymą {number} grąžinome Jums {amount}.",
                "{!amount}{seller}: už užsakymą {number} grąžinome Jums pinigus.",
            ],
        },
        Template::Delivered => Message {
            subject: &[
                "{?under_way}Dalis užsakymo {number} pristatyta",
                "Užsakymas {number} pristatytas",
            ],
            title: &["{?under_way}Dalis Jūsų užsakymo pristatyta", "Jūsų užsakymas pristatytas"],
            body: &[
                "{!under_way}Jūsų užsakymas {number} pristatytas. Dėkojame, kad perkate pas mus!",
                "{?under_way}Dalis Jūsų užsakymo {number} pristatyta. Likusios prekės \
                 atkeliaus atskirai.",
                "Jei kas nors ne taip, prašome mums pranešti.",
            ],
            sms: &[
                "{!under_way}{seller}: Jūsų užsakymas {number} pristatytas. Dėkojame!",
                "{?under_way}{seller}: dalis Jūsų užsakymo {number} pristatyta.",
            ],
        },
        Template::Overdue => Message {
            subject: &["{?owing}Vėluoja užsakymo {number} apmokėjimas", "Užsakymas {number}"],
            title: &["{?owing}Vėluoja apmokėjimas", "Mokėti nebereikia"],
            body: &[
                "{?owing}Užsakymo {number} apmokėjimas vėluoja. Prašome sumokėti {owing}.",
                "{?owing}Jei tuo metu jau sumokėjote, daugiau nieko daryti nereikia.",
                "{!owing}Jūsų užsakymas {number} apmokėtas. Dėkojame!",
            ],
            sms: &[
                "{seller}: vėluoja užsakymo {number} apmokėjimas, mokėtina suma {owing}.",
                "{!owing}{seller}: Jūsų užsakymas {number} apmokėtas. Dėkojame!",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::NotReached => Message {
            subject: &["Nepavyko su Jumis susisiekti dėl užsakymo {number}"],
            title: &["Nepavyko su Jumis susisiekti"],
            body: &[
                "Skambinome Jums dėl užsakymo {number}, bet prisiskambinti nepavyko.",
                "{?next_call}Kitą kartą skambinsime {next_call}.",
                "Taip pat galite paskambinti mums: {phone}.",
            ],
            sms: &[
                "{seller}: nepavyko Jums prisiskambinti dėl užsakymo {number}.",
                "Skambinsime {next_call_short}.",
                "Mūsų tel. {phone}.",
            ],
        },
        Template::Returned => Message {
            subject: &["Gavome grąžintas užsakymo {number} prekes"],
            title: &["Gavome Jūsų grąžintas prekes"],
            body: &[
                "Gavome Jūsų grąžintas užsakymo {number} prekes.",
                "{?refund}Jums grąžinsime {refund}.",
            ],
            sms: &[
                "{seller}: gavome grąžintas užsakymo {number} prekes.",
                "Jums grąžinsime {refund}.",
            ],
        },
        Template::OrderComment => Message {
            subject: &["Žinutė dėl užsakymo {number}"],
            title: &["Žinutė dėl Jūsų užsakymo"],
            body: &["Rašome Jums dėl užsakymo {number}."],
            sms: &["{seller}: parašėme Jums dėl užsakymo {number}.", "{follow}"],
        },
        Template::ApprovalRequest => Message {
            subject: &["Klausimas dėl užsakymo {number}"],
            title: &["Laukiame Jūsų atsakymo"],
            body: &[
                "Norėtume pakeisti Jūsų užsakymą {number}. Be Jūsų sutikimo niekas nesikeis.",
                "Prašome peržiūrėti pakeitimą ir atsakyti iki {answer_by}.",
                "{!answer_link}Atsakykite į šį laišką arba paskambinkite mums.",
            ],
            sms: &[
                "{seller}: ar galime pakeisti Jūsų užsakymą {number}?",
                "{answer_link}",
                "Prašome atsakyti iki {answer_short}.",
            ],
        },
        Template::OrderApprovalRequest => Message {
            subject: &["Ar sutinkate su užsakymu {number}?"],
            title: &["Ar sutinkate?"],
            body: &[
                "Prašome peržiūrėti užsakymą {number} ir pasakyti, ar su juo sutinkate. Gavę sutikimą tęsime.",
                "Prašome atsakyti iki {answer_by}.",
                "{!answer_link}Atsakykite į šį laišką arba paskambinkite mums.",
            ],
            sms: &[
                "{seller}: ar sutinkate su užsakymu {number}?",
                "{answer_link}",
                "Prašome atsakyti iki {answer_short}.",
            ],
        },
        Template::ChoiceRequest => Message {
            subject: &["Prašome pasirinkti: užsakymas {number}"],
            title: &["Prašome pasirinkti"],
            body: &[
                "Kai kurių Jūsų užsakymo {number} prekių nepavyko rasti arba jos turi trūkumą. Prašome pasirinkti, ką mums daryti: galimybės pateiktos užsakymo puslapyje.",
                "Prašome atsakyti iki {answer_by}; kitaip susisieksime su Jumis.",
                "{!answer_link}Atsakykite į šį laišką arba paskambinkite mums.",
            ],
            sms: &[
                "{seller}: užsakymo {number} prekių trūksta arba jos su trūkumu, prašome pasirinkti.",
                "{answer_link}",
                "Iki {answer_short}.",
            ],
        },
        Template::SubscriptionNotice => Message {
            subject: &["Artėja Jūsų reguliarus užsakymas {number}"],
            title: &["Artėja Jūsų reguliarus užsakymas"],
            body: &[
                "Netrukus bus pateiktas Jūsų reguliarus užsakymas {number}; jo data – \
                 {occurrence}.",
                "{!occurrence}Netrukus bus pateiktas Jūsų reguliarus užsakymas {number}.",
                "Pasikeitė kaina: buvo {previous}, dabar {total}.",
                "Jei norite jį pakeisti, praleisti ar sustabdyti, prašome pranešti iki {until}.",
                "{!until}Jei norite jį pakeisti, praleisti ar sustabdyti, prašome pranešti.",
            ],
            sms: &[
                "{seller}: netrukus bus pateiktas Jūsų reguliarus užsakymas {number}.",
                "Data: {occurrence}.",
                "Suma {total}.",
            ],
        },
        Template::PartnerUpdate => lt_house::PARTNER_UPDATE,
        Template::StaffAlert => lt_house::STAFF_ALERT,
        Template::StaffTask => lt_house::STAFF_TASK,
        Template::StaffException => lt_house::STAFF_EXCEPTION,
        Template::StaffPaymentFailed => lt_house::STAFF_PAYMENT_FAILED,
        Template::Unknown => lt_house::UNKNOWN,
    }
}

fn label(label: Label) -> &'static str {
    match label {
        Label::Order => "Užsakymas",
        Label::YourNumber => "Jūsų numeris",
        Label::Status => "Būsena",
        Label::Total => "Užsakymo suma",
        Label::TotalThen => "Suma po pakeitimo",
        Label::Received => "Jau gauta",
        Label::ToPay => "Mokėtina suma",
        Label::PayBy => "Sumokėti iki",
        Label::Bank => "Banko rekvizitai",
        Label::PayReference => "Mokėjimo paskirtis",
        Label::Terms => "Apmokėjimas",
        Label::Delivery => "Pristatymas",
        Label::Address => "Adresas",
        Label::Requested => "Pageidaujama data",
        Label::Carrier => "Vežėjas",
        Label::Tracking => "Siuntos numeris",
        Label::Expected => "Numatoma data",
        Label::Place => "Vieta",
        Label::Reason => "Priežastis",
        Label::Refund => "Grąžintina suma",
        Label::Date => "Data",
        Label::Since => "Nuo",
        Label::Problem => "Priežastis",
        Label::Detail => "Išsamiau",
        Label::About => "Susiję su",
        Label::Responsible => "Atsakingas asmuo",
        Label::ToDo => "Ką daryti",
        Label::Goods => "Prekės",
        Label::Discounts => "Nuolaidos",
        Label::Shipping => "Pristatymas",
        Label::Fees => "Papildomi mokesčiai",
        Label::Tax => "PVM",
        Label::TaxIncluded => "įskaitant PVM",
        Label::Sum => "Iš viso",
        Label::Ordered => "Jūsų užsakymas",
        Label::InParcel => "Šioje siuntoje",
        Label::Rest => "Bus išsiųsta atskirai",
        Label::Waiting => "Atkeliaus vėliau",
        Label::Ready => "Rezervuota Jums",
        Label::ToFetch => "Paruošta Jums",
        Label::CameBack => "Grąžinta",
        Label::Pay => "Apmokėti",
        Label::Follow => "Sekti užsakymą",
        Label::Answer => "Atsakyti",
    }
}

fn delivery(method: DeliveryMethod) -> &'static str {
    match method {
        DeliveryMethod::Courier => "kurjeriu",
        DeliveryMethod::Pickup => "atsiėmimas sandėlyje",
        DeliveryMethod::ParcelLocker => "į paštomatą arba atsiėmimo vietą",
        DeliveryMethod::Post => "paštu",
        DeliveryMethod::Shop => "atsiėmimas parduotuvėje",
    }
}

fn terms(terms: Terms) -> &'static str {
    match terms {
        Terms::Prepaid => "iš anksto",
        Terms::Deposit(_) => "avansas, likusi suma – prieš gaunant prekes",
        Terms::AfterConfirmation => "mums patvirtinus užsakymą",
        Terms::OnDelivery => "pristatymo metu",
        Terms::Invoice => "pagal sąskaitą faktūrą",
    }
}

/// Read after "Priežastis:".
const REASONS: &[(&str, &str)] = &[
    ("not_paid", "apmokėjimas negautas laiku"),
    ("asked", "gautas prašymas"),
    ("not_reached", "nepavyko su Jumis susisiekti"),
    ("customer_request", "Jūsų prašymu"),
    ("changed_mind", "prekių nebereikia"),
    ("ordered_by_mistake", "užsakyta per klaidą"),
    ("duplicate", "tas pats užsakyta du kartus"),
    ("possible_duplicate", "tas pats užsakyta du kartus"),
    ("out_of_stock", "prekių neturime"),
    ("discontinued", "prekėmis nebeprekiaujame"),
    ("price_error", "klaidinga kaina"),
    ("total_mismatch", "nesutampa užsakymo suma"),
    ("credit_limit", "viršytas kredito limitas"),
    ("payment_failed", "mokėjimas nepavyko"),
    ("card_declined", "kortelė atmesta"),
    ("insufficient_funds", "nepakako lėšų"),
    ("expired_card", "baigėsi kortelės galiojimas"),
    ("authentication_required", "mokėtojas nepatvirtino mokėjimo"),
    ("not_collected", "prekės neatsiimtos"),
    ("refused_at_door", "siunta nepriimta"),
    ("undeliverable", "siuntos nepavyko pristatyti"),
    ("damaged", "prekės pažeistos"),
    ("defective", "prekės turi trūkumų"),
    ("wrong_item", "išsiųstos ne tos prekės"),
    ("not_as_described", "prekės neatitinka aprašymo"),
    ("does_not_fit", "prekės netiko"),
    ("too_late", "būtų pristatyta per vėlai"),
    ("surplus", "sumokėta daugiau, nei kainuoja užsakymas"),
    ("lines_cancelled", "dalis užsakymo atšaukta"),
    ("late_money", "pinigai gauti, kai užsakymas jau buvo uždarytas"),
    ("ship_together", "viskas turi būti išsiųsta kartu"),
];

/// What we ask the customer for.
const NEEDS: &[(&str, &str)] = &[
    ("address_missing", "Nenurodytas pristatymo adresas."),
    ("address_incomplete", "Pristatymo adresas nepilnas."),
    ("postal_code", "Pašto kodas netinka pristatymo šaliai."),
    ("delivery_method_missing", "Prašome pasirinkti, kaip pristatyti prekes."),
    ("pickup_point_missing", "Prašome pasirinkti paštomatą arba atsiėmimo vietą."),
    ("terms_missing", "Prašome pasirinkti, kaip mokėsite."),
    ("no_usable_contact", "Trūksta el. pašto adreso arba telefono numerio."),
    ("phone_in_address", "Vietoj adreso įrašytas telefono numeris."),
    ("email_in_name", "Vietoj vardo įrašytas el. pašto adresas."),
    ("tax_id_missing", "Trūksta Jūsų PVM mokėtojo kodo."),
];
