"""The rankers' formulas written out with loops and sets, to compare the fast ones with."""

import math

from osler.diagnosis.boqa import FALSE_NEGATIVE, FALSE_POSITIVE
from osler.diagnosis.likelihood_ratio import CEILING, FLOOR, LISTED_WEIGHT, MISSING_WEIGHT, STATED_WEIGHT


def profile(model, disease):
    part = slice(model.prof_indptr[disease], model.prof_indptr[disease + 1])
    return dict(zip(model.prof_term[part].tolist(), model.prof_frequency[part].tolist(), strict=True))


def ancestors(model, term):
    return {int(a) for a in model.ontology.ancestors.row(term) if model.ontology.phenotypic[a]}


def closed(model, disease):
    result = {}
    for term, share in profile(model, disease).items():
        for above in ancestors(model, term):
            result[above] = max(result.get(above, 0.0), share)
    return result


def best(model, term, candidates):
    shared = ancestors(model, term) & set(candidates)
    return max(shared, key=lambda a: (model.information[a], a), default=None)


def closure(model, query):
    return (
        set().union(*(ancestors(model, t) for t in query.present.tolist())) if len(query.present) else set()
    )


def resnik(model, query, disease, weight=0.3):
    held, asked, own = closed(model, disease), closure(model, query), profile(model, disease)
    found = [best(model, t, held) for t in query.present.tolist()]
    ours = sum(float(model.information[a]) for a in found if a is not None) / max(len(found), 1)
    theirs = sum(
        f * max((float(model.information[a]) for a in ancestors(model, t) & asked), default=0.0)
        for t, f in own.items()
    )
    return ours + weight * theirs / max(sum(own.values()), 1e-9)


def likelihood_ratio(model, query, disease):
    held, asked = closed(model, disease), closure(model, query)
    score = 0.0
    for term in query.present.tolist():
        a = best(model, term, held)
        if a is not None:
            score += math.log(max(held[a], FLOOR) / float(model.background[a]))
    for term, share in profile(model, disease).items():
        if term not in asked:
            score += MISSING_WEIGHT * math.log(1 - min(share, CEILING))
    for term in query.absent.tolist():
        share, usual = min(held.get(term, 0.0), CEILING), min(float(model.background[term]), CEILING)
        weight = LISTED_WEIGHT if term in query.looked_for else STATED_WEIGHT
        score += weight * math.log((1 - share) / (1 - usual))
    return score


def boqa(model, query, disease):
    asked, score = closure(model, query), 0.0
    for term, share in closed(model, disease).items():
        p = share * (1 - FALSE_NEGATIVE) + (1 - share) * FALSE_POSITIVE
        if term in asked:
            score += math.log(p / FALSE_POSITIVE)
        elif asked and all(int(parent) in asked for parent in model.ontology.parents.row(term)):
            score += math.log((1 - p) / (1 - FALSE_POSITIVE))
    return score


def tfidf(model, query, disease):
    asked, held = closure(model, query), closed(model, disease)
    information = model.information.tolist()
    dot = sum(information[t] ** 2 * f for t, f in held.items() if t in asked)
    left = math.sqrt(sum(information[t] ** 2 for t in asked)) + 1e-9
    right = math.sqrt(sum((information[t] * f) ** 2 for t, f in held.items())) + 1e-9
    return dot / (left * right)


FORMULAS = {"resnik": resnik, "likelihood-ratio": likelihood_ratio, "boqa": boqa, "tfidf": tfidf}
