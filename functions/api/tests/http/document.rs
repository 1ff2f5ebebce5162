//! The OpenAPI document agrees with the routes and with what they answer.
