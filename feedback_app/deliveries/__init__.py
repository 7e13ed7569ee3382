"""What became of our mail after we handed it over: deliveries, bounces, complaints, and where we are told of them."""
