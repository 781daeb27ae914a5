/** Tests of the folder of models. */
@NullMarked
package io.popsight.service.model;

import org.jspecify.annotations.NullMarked;
