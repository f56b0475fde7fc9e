"""Whether a post is on topic (话题相关), decided from its words. The only importer of jieba."""
