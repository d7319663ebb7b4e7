;; The plain read of the kernels bench: every byte once, 16 at a time, nothing else. No scan can be faster.
;; In: the address of the first byte and of the one behind the last; a multiple of 128 bytes. Out: a number made of all of
;; them, so that no load can be left out. Four sums, so that none waits for the other.
(module
  (import "bench" "memory" (memory 0))
  (func (export "read") (param $at i32) (param $end i32) (result i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $a (v128.or (local.get $a) (v128.load (local.get $at))))
        (local.set $b (v128.or (local.get $b) (v128.load offset=16 (local.get $at))))
        (local.set $c (v128.or (local.get $c) (v128.load offset=32 (local.get $at))))
        (local.set $d (v128.or (local.get $d) (v128.load offset=48 (local.get $at))))
        (local.set $a (v128.or (local.get $a) (v128.load offset=64 (local.get $at))))
        (local.set $b (v128.or (local.get $b) (v128.load offset=80 (local.get $at))))
        (local.set $c (v128.or (local.get $c) (v128.load offset=96 (local.get $at))))
        (local.set $d (v128.or (local.get $d) (v128.load offset=112 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 128)))
        (br $turn)))
    (i32x4.bitmask (v128.or (v128.or (local.get $a) (local.get $b)) (v128.or (local.get $c) (local.get $d))))))
