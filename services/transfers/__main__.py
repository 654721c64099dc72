"""`python -m services.transfers`"""

from services.transfers.app import main

main()
