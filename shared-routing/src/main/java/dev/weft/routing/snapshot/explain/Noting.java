package dev.weft.routing.snapshot.explain;

import dev.weft.config.problem.Place;
import dev.weft.routing.exchange.account.Account;
import dev.weft.routing.route.DecisionSink;

/** Notes the rules that are tried in a request's account. */
record Noting(Account account) implements DecisionSink {

  @Override
  public void tried(String rule, Place place, String outcome) {
    account.tried(rule, outcome);
  }

  @Override
  public boolean takesMore() {
    return account.takesMore();
  }
}
