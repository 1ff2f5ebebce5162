//! A message as somebody would get it, about an order that was never placed: for whoever changes
//! texts, colours or the seller's name.

use super::fixture::{input, sample};
use super::{Locale, Rendered, Segments, Seller, Template, locale_of, render, sms_segments};

/// A message as it would be sent.
pub struct Preview {
    /// The message.
    pub rendered: Rendered,
    /// The language it is written in.
    pub locale: Locale,
    /// What its SMS takes.
    pub segments: Segments,
}

/// The message of this template, from this seller, for somebody who reads this language.
#[must_use]
pub fn preview(template: Template, seller: &Seller, locale: &str) -> Preview {
    let sample = sample(template);
    // The house reads its own language; here it is the one that is asked for.
    let seller = Seller { locale: locale.to_owned(), ..seller.clone() };
    let rendered = render(&input(template, &sample, &seller, locale));
    let segments = sms_segments(&rendered.sms);
    Preview { rendered, locale: locale_of(Some(locale), &seller.locale), segments }
}
