import 'fake-indexeddb/auto';
import { testLiveDatabase } from './live-store-idb.suite';

testLiveDatabase();
