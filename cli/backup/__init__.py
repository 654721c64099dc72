"""`photoferry backup` and `photoferry restore`, for operators: PostgreSQL and the store together."""
