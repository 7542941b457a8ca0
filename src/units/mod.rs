//! Quantities with their units: spans, times, probabilities, rates and money.
