"""The memory that outlives a job: who was where and when, in a database."""
