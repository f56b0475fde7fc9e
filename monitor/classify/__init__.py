"""Whether a post is on topic (话题相关) and whether it is harmful (不良信息), with what speaks for it.

The only importer of jieba.
"""
