from feedback_app.sentiment.filter import main

main()
