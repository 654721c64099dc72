"""`photoferry rebuild`, for operators: what a service has made of messages is made anew from all services' logs."""
