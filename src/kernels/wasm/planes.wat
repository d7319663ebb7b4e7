;; Dot products of an int8 query and rows of bit planes, by popcounts: the query's eight bits, as planes too, meet each plane
;; of a row, and a pair of planes adds 2^(query bit + row bit) for every place where both are set.
;; In: rows of $planes planes, the highest first, each of $words words of 64 bits; the query's planes, for each word its eight
;; (lowest bit first). Out: i32 a row; the query's highest bit stands for -128.
(module
  (import "env" "memory" (memory 1 65536))

  (func (export "dots")
    (param $rows i32) (param $words i32) (param $planes i32) (param $query i32)
    (param $ordinals i32) (param $m i32) (param $out i32)
    (local $at i32) (local $row i32) (local $plane i32) (local $end i32) (local $word i64)
    ;; for bit 0 7
    (local $sum{bit} i64)
    ;; end
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $m)))
        (local.set $row (i32.add (local.get $rows) (i32.mul (i32.load (local.get $ordinals))
          (i32.shl (i32.mul (local.get $words) (local.get $planes)) (i32.const 3)))))
        ;; for bit 0 7
        (local.set $sum{bit} (i64.const 0))
        ;; end
        (local.set $plane (local.get $planes))
        (loop $eachPlane
          ;; for bit 0 7
          (local.set $sum{bit} (i64.shl (local.get $sum{bit}) (i64.const 1)))
          ;; end
          (local.set $at (local.get $query))
          (local.set $end (i32.add (local.get $row) (i32.shl (local.get $words) (i32.const 3))))
          (loop $eachWord
            (local.set $word (i64.load (local.get $row)))
            ;; for bit 0 7
            (local.set $sum{bit} (i64.add (local.get $sum{bit})
              (i64.popcnt (i64.and (local.get $word) (i64.load offset={bit * 8} (local.get $at))))))
            ;; end
            (local.set $at (i32.add (local.get $at) (i32.const 64)))
            (br_if $eachWord (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 8))) (local.get $end))))
          (br_if $eachPlane (local.tee $plane (i32.sub (local.get $plane) (i32.const 1)))))
        ;; Horner's rule from the highest bit, which counts negative.
        (local.set $sum7 (i64.sub (i64.const 0) (local.get $sum7)))
        ;; for bit 6 0 -1
        (local.set $sum{bit} (i64.add (local.get $sum{bit}) (i64.shl (local.get $sum{bit + 1}) (i64.const 1))))
        ;; end
        (i32.store (local.get $out) (i32.wrap_i64 (local.get $sum0)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (local.set $ordinals (i32.add (local.get $ordinals) (i32.const 4)))
        (local.set $m (i32.sub (local.get $m) (i32.const 1)))
        (br $next)))))
