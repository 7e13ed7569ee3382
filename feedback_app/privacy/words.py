"""Capitalised words that are no names, and names that are words as well."""

ALSO_WORDS = """
able abby amber angel april art august autumn baker bell best bill bishop black bob brook brown bush cash chance chase
chip christian clay cliff cole cook cross dale dawn dean destiny drew early earl east faith ferry field fish ford forest
fox frank frost gene glen good grace grant gray green grey guy hall hand hardy harmony haven hill holly hope hunt hunter
ivy jack jade jay jean jewel joy june just justice kay king kit knight lake lance lane law lee liberty lily little long
love major mark mason may melody mercy mike miles mill miller min moon more neal new nick noble north olive paige page
park pat patience pearl penny perry pet pierce pike poppy pope post power price prince queen ray read reed rice rich rip
rob robin rock rocky rose rowan royal ruby rush rusty sage sale sam sandy savage sharp short silver skip sky small smart
smith snow star stone storm strong sue summer sunny swift taylor terry todd tom trip troy turner vera victor violet
walker wall ward waters way web west white wild will willow winter wise wolf wood woods worth young info sales support
team office hello contact admin mail service billing accounts help test user customer feedback
"""
NOT_NAMES = """
a after again all also amazon and another any anyone app at because before best but by can cheers customer customers
dear delighted delivery do does each every everyone everybody excel excellent facebook fine first folks for from general
give good google great guys had has have hello help here hi how however i if in is it its just keep last later let lots
management martens me microsoft more most much muscle my never next nice no not nothing now office ok okay on once one
only or other our outlook overall pepper please product regards sales service services she since signed sincerely sir
slack so some sorry still strange sent staff such support systems team teams thank thanks that the their then there
these they this those though to today too very was we well what when where which who why will windows wishes with word
would yes yet you your yours zendesk clean everything nobody someone madam really
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december christmas easter
alle atentamente cordialement danke das der die equipe equipo es gracias ich kunde kundin merci saludo saludos sie todos
und vielen viele wir équipe
"""
