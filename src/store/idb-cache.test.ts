import 'fake-indexeddb/auto';
import { testCache } from './idb-cache.suite';

testCache();
