"""What a request costs at either door, beside the least that it could cost and beside what others make of it."""
