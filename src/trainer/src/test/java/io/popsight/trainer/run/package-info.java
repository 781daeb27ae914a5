/** Tests of whole runs on a data set made for them. */
@NullMarked
package io.popsight.trainer.run;

import org.jspecify.annotations.NullMarked;
