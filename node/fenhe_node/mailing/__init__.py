"""Mail out: one letter by SMTP (`smtp`), and the queue that retries (`queue`)."""
