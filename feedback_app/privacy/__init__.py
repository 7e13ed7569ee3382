"""Personal data in texts: found, masked, taken out for good. Knows neither Flask nor the database."""
