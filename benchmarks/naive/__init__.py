"""How a survey mail is sent by those who have not measured it."""
