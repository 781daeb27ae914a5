/**
 * Labelled photos on disk: readers for the usual layouts, each telling of every problem it meets
 * and going on. Start at {@link io.popsight.trainer.data.DataSet}.
 */
@NullMarked
package io.popsight.trainer.data;

import org.jspecify.annotations.NullMarked;
