"""`python -m services.entitlements`"""

from services.entitlements.app import main

main()
