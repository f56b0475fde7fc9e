"""The Guangdong assessment (考核指数, GD-2 to GD-5): facts, runs, boards, videos. Pure decisions."""
