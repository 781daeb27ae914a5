package io.popsight.service;

import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What comes over a stream of gRPC, up to its end. */
final class Answers<A> implements StreamObserver<A> {

  private final List<A> come = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private final Consumer<A> listener;

  Answers() {
    this(_ -> {});
  }

  /** Tells of each as it comes. */
  Answers(Consumer<A> listener) {
    this.listener = listener;
  }

  @Override
  public void onNext(A answer) {
    come.add(answer);
    listener.accept(answer);
  }

  @Override
  public void onError(Throwable failure) {
    ended.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    ended.complete(true);
  }

  /** All of them; waits for the end, and throws what the stream ended with if not well. */
  List<A> all() throws Exception {
    boolean _ = ended.get(60, TimeUnit.SECONDS);
    return come;
  }
}
