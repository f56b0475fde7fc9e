"""What people teach the classifier: findings, words, versions of the model. Tables and queries."""
