"""The ledger (台账): units, groups, people, their changes and reconciliation. Use cases."""
