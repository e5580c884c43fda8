"""Engines that run elsewhere: servers of the operator and hosted services, behind one asynchronous port."""
